// NOT RUN. Android, Java: in.juspay:hypersdk. The payloads come from your server.
import android.os.Bundle;
import androidx.fragment.app.FragmentActivity;
import in.juspay.hypersdk.data.JuspayResponseHandler;
import in.juspay.hypersdk.ui.HyperPaymentsCallbackAdapter;
import in.juspay.services.HyperServices;
import org.json.JSONObject;

public class CheckoutActivity extends FragmentActivity {
    private HyperServices hyper;

    @Override
    protected void onCreate(Bundle state) {
        super.onCreate(state);
        hyper = new HyperServices(this);
        hyper.initiate(Shop.initiatePayload(), new HyperPaymentsCallbackAdapter() {
            @Override
            public void onEvent(JSONObject event, JuspayResponseHandler handler) {
                handle(event);
            }
        });
    }

    void pay() {
        hyper.process(Shop.processPayload());
    }

    private void handle(JSONObject event) {
        if (!"process_result".equals(event.optString("event"))) return;
        JSONObject payload = event.optJSONObject("payload");
        String status = payload == null ? "" : payload.optString("status");
        // A hint. backpressed: nothing was started; everything else is for the server to say.
        if (status.equals("backpressed")) Shop.stay();
        else Shop.askServerForOrder();
    }

    @Override
    public void onBackPressed() {
        if (!hyper.onBackPressed()) super.onBackPressed();
    }

    @Override
    protected void onDestroy() {
        hyper.terminate();
        super.onDestroy();
    }
}
