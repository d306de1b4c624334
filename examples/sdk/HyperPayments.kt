// NOT RUN. Android, Kotlin: in.juspay:hypersdk. `initiatePayload` and `processPayload` come from your server.
import android.os.Bundle
import androidx.activity.OnBackPressedCallback
import androidx.fragment.app.FragmentActivity
import `in`.juspay.hypersdk.data.JuspayResponseHandler
import `in`.juspay.hypersdk.ui.HyperPaymentsCallbackAdapter
import `in`.juspay.services.HyperServices
import org.json.JSONObject

class CheckoutActivity : FragmentActivity() {
    private lateinit var hyper: HyperServices

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        hyper = HyperServices(this)
        hyper.initiate(Shop.initiatePayload(), object : HyperPaymentsCallbackAdapter() {
            override fun onEvent(event: JSONObject, handler: JuspayResponseHandler) = handle(event)
        })
        onBackPressedDispatcher.addCallback(this, object : OnBackPressedCallback(true) {
            override fun handleOnBackPressed() {
                if (!hyper.onBackPressed()) finish()
            }
        })
    }

    fun pay() = hyper.process(Shop.processPayload())

    private fun handle(event: JSONObject) {
        when (event.getString("event")) {
            "show_loader" -> Shop.showLoader()
            "hide_loader" -> Shop.hideLoader()
            "process_result" -> {
                // A hint. backpressed: nothing was started; everything else is for the server to say.
                val status = event.getJSONObject("payload").optString("status")
                if (status == "backpressed") Shop.stay() else Shop.askServerForOrder()
            }
        }
    }

    override fun onDestroy() {
        hyper.terminate()
        super.onDestroy()
    }
}
