-- No row comes back when all is well: a try that a gateway made by itself and that was refused has no money.
select id, 'a refused try with money' as what
  from payments where origin = 'gateway' and status = 'declined' and amount_captured > 0;
