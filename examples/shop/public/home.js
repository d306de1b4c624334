// Step 1, on the first screen: the payment page comes into the cache while the customer looks around.
window.Purser.preFetch()
