// NOT RUN. iOS, Objective-C: pod HyperSDK. The payloads come from your server.
#import <HyperSDK/HyperSDK.h>
#import <UIKit/UIKit.h>
#import "Shop.h"

@interface CheckoutController : UIViewController
@property(nonatomic, strong) HyperServices *hyper;
@end

@implementation CheckoutController

- (void)viewDidLoad {
  [super viewDidLoad];
  self.hyper = [HyperServices new];
  __weak typeof(self) weakSelf = self;
  [self.hyper initiate:self
               payload:[Shop initiatePayload]
              callback:^(NSDictionary<NSString *, id> *event) {
                [weakSelf handle:event];
              }];
}

- (void)pay {
  [self.hyper process:[Shop processPayload]];
}

- (void)handle:(NSDictionary<NSString *, id> *)event {
  if (![event[@"event"] isEqual:@"process_result"]) return;
  // A hint. backpressed: nothing was started; everything else is for the server to say.
  if ([event[@"payload"][@"status"] isEqual:@"backpressed"]) [Shop stay];
  else [Shop askServerForOrder];
}

- (void)dealloc {
  [self.hyper terminate];
}

@end
