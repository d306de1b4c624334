#!/bin/sh
# What the shop's server does, in plain curl: open an order and a session, ask how it went, give money back.
#   PURSER_URL=http://127.0.0.1:7300 PURSER_SECRET_KEY=sk_test_… sh examples/shop/shop.sh
set -eu
: "${PURSER_URL:?where Purser is}" "${PURSER_SECRET_KEY:?the secret key of demo.json}"

post() {
  curl -fsS "$PURSER_URL$1" -H "Authorization: Bearer $PURSER_SECRET_KEY" -H "Idempotency-Key: shop-$$-$(date +%s)-$3" \
    -H 'Content-Type: application/json' -d "$2"
}
get() { curl -fsS "$PURSER_URL$1" -H "Authorization: Bearer $PURSER_SECRET_KEY"; }
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" | head -n 1; }

# The amount is ours to say: 499 rupees in paise.
ORDER=$(post /v1/orders "{\"reference\":\"curl-$$-$(date +%s)\",\"amount\":49900,\"currency\":\"INR\",\"description\":\"One shirt\"}" order \
  | sed -n 's/^{"id":"\([^"]*\)".*/\1/p')
echo "order    $ORDER"

# What the browser or the app gets: a token that can pay this order, and the address of the payment page.
SESSION=$(post "/v1/orders/$ORDER/sessions" '{}' session)
echo "pay here $(echo "$SESSION" | field url)"
TOKEN=$(echo "$SESSION" | field client_token)

# The payer pays. Here a test card does, as the payment page would do it.
curl -fsS "$PURSER_URL/sdk/v1/payments" -H "Authorization: Bearer $TOKEN" -H "Idempotency-Key: payer-$$-$(date +%s)" \
  -H 'Content-Type: application/json' -d '{"instrument":{"method":"card","token":"tok_approve"}}' >/dev/null

# Whatever an app was told, this is the answer.
echo "status   $(get "/v1/orders/$ORDER" | sed -n 's/.*"object":"order","reference":"[^"]*","status":"\([^"]*\)".*/\1/p')"
