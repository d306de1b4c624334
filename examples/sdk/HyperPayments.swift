// NOT RUN. iOS, Swift: pod HyperSDK. The payloads come from your server.
import HyperSDK
import UIKit

final class CheckoutController: UIViewController {
    private let hyper = HyperServices()

    override func viewDidLoad() {
        super.viewDidLoad()
        hyper.initiate(self, payload: Shop.initiatePayload()) { [weak self] event in
            guard let event else { return }
            self?.handle(event)
        }
    }

    func pay() {
        hyper.process(Shop.processPayload())
    }

    private func handle(_ event: [String: Any]) {
        guard event["event"] as? String == "process_result" else { return }
        let payload = event["payload"] as? [String: Any]
        // A hint. backpressed: nothing was started; everything else is for the server to say.
        if payload?["status"] as? String == "backpressed" { Shop.stay() } else { Shop.askServerForOrder() }
    }

    deinit {
        hyper.terminate()
    }
}
