-- No row comes back when all is well: no live session names a page that was never an address on https.
select id from sessions
 where mode = 'live' and array_to_string(frame_origins, ' ') ~ 'http://';
