-- A second success may grow after it was given back: a hold that is captured in parts. Each growth is given back by a
-- refund of its own; that nothing is given back twice is held by the payment's cap, under its lock.
drop index refunds_one_automatic;
