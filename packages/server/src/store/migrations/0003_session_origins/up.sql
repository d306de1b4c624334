-- Where the hosted page may be framed, and what it looks like.
-- Origins as browsers write them: scheme, host and port, nothing else. The application looks at each one; the checks
-- here stand behind it, because origins end up in a Content-Security-Policy.
alter table sessions add column frame_origins text[] not null default '{}'
  check (cardinality(frame_origins) <= 10
    and array_to_string(frame_origins, ' ') ~ '^(https?://[a-z0-9.:\[\]-]+( https?://[a-z0-9.:\[\]-]+)*)?$');

alter table merchants
  -- In live mode a session may name these origins only.
  add column page_origins text[] not null default '{}'
    check (cardinality(page_origins) <= 20
      and array_to_string(page_origins, ' ') ~ '^(https?://[a-z0-9.:\[\]-]+( https?://[a-z0-9.:\[\]-]+)*)?$'),
  -- A small picture as a data URI, so that the page asks no other server for anything.
  add column page_logo text check (page_logo ~ '^data:image/(png|jpeg|webp);base64,' and length(page_logo) <= 16384),
  add column page_color text check (page_color ~ '^#[0-9a-f]{6}$');
