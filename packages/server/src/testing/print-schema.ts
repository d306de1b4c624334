// The schema as Postgres has it in its catalogue, printed as SQL: what the migrations came to, to read in one place and
// to compare. Nothing runs this text; the migrations make the database. The order is by name, so that a difference is a
// difference and not a matter of when something was made.
import type pg from 'pg'

type Text = { readonly sql: string }

/**
 * `client` is the superuser's, and of no use afterwards: its search path is gone, so that every name is printed whole.
 */
export async function printSchema(client: pg.ClientBase): Promise<string> {
  await client.query(`set search_path = ''`)
  const list = async (query: string): Promise<readonly string[]> => {
    const { rows } = await client.query<Text>(query)
    return rows.map((row) => row.sql)
  }
  const { rows: tables } = await client.query<{ name: string }>(TABLES)
  const parts: string[] = []
  for (const { name } of tables) {
    const { rows } = await client.query<Text & { part: string }>(TABLE_PARTS, [name])
    const of = (part: string) => rows.filter((row) => row.part === part).map((row) => row.sql)
    const inside = [...of('column'), ...of('constraint')].map((line) => `  ${line}`).join(',\n')
    parts.push([`create table purser.${name} (\n${inside}\n);`, ...of('index'), ...of('rest')].join('\n'))
  }
  const head = [
    '-- The schema "purser" as its migrations make it. Written by tools/dump-schema.ts (npm run schema), and compared with',
    '-- a freshly migrated database by packages/server/test/schema.test.ts. Do not edit: add a migration.',
  ]
  const functions = await list(FUNCTIONS)
  const grants = await list(SCHEMA_GRANTS)
  return `${[head.join('\n'), grants.join('\n'), ...functions, ...parts].join('\n\n')}\n`
}

const TABLES = `
select c.relname as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where n.nspname = 'purser' and c.relkind in ('r', 'p', 'v', 'm', 'S')
 order by c.relname collate "C"`

const FUNCTIONS = `
select replace(pg_get_functiondef(p.oid), E'\\r', '') || ';' as sql
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where n.nspname = 'purser'
 order by p.proname collate "C"`

const SCHEMA_GRANTS = `
select 'grant ' || lower(string_agg(a.privilege_type, ', ' order by a.privilege_type)) || ' on schema purser to '
       || a.grantee::regrole || ';' as sql
  from pg_namespace n, aclexplode(n.nspacl) a
 where n.nspname = 'purser' and a.grantee <> n.nspowner
 group by a.grantee
 order by a.grantee::regrole::text collate "C"`

// Not-null constraints stand with their columns; the name of one says nothing.
const TABLE_PARTS = `
with t as (select ('purser.' || quote_ident($1))::regclass as oid)
select part, sql from (
  select 'column' as part, attnum::int as at, '' as name,
         quote_ident(attname) || ' ' || format_type(atttypid, atttypmod)
           || coalesce(' default ' || pg_get_expr(adbin, adrelid), '')
           || case when attnotnull then ' not null' else '' end as sql
    from t join pg_attribute on attrelid = t.oid and attnum > 0 and not attisdropped
    left join pg_attrdef on adrelid = attrelid and adnum = attnum
  union all
  select 'constraint', 0, conname, 'constraint ' || quote_ident(conname) || ' ' || pg_get_constraintdef(c.oid)
    from t join pg_constraint c on conrelid = t.oid and contype not in ('n', 't')
  union all
  select 'index', 0, i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) || ';'
    from t join pg_index i on i.indrelid = t.oid
   where not exists (select from pg_constraint where conindid = i.indexrelid and contype in ('p', 'u', 'x'))
  union all
  select 'rest', 1, tgname, pg_get_triggerdef(g.oid) || ';'
    from t join pg_trigger g on tgrelid = t.oid and not tgisinternal
  union all
  select 'rest', 2, '', 'alter table purser.' || $1 || ' owner to ' || relowner::regrole || ';'
    from t join pg_class c on c.oid = t.oid
  union all
  select 'rest', 3, '', 'alter table purser.' || $1 || ' enable row level security;'
    from t join pg_class c on c.oid = t.oid and relrowsecurity
  union all
  select 'rest', 4, '', 'alter table purser.' || $1 || ' force row level security;'
    from t join pg_class c on c.oid = t.oid and relforcerowsecurity
  union all
  select 'rest', 5, policyname, 'create policy ' || policyname || ' on purser.' || $1 || ' for ' || lower(cmd)
           || ' to ' || array_to_string(roles, ', ') || coalesce(' using ' || qual, '')
           || coalesce(' with check ' || with_check, '') || ';'
    from pg_policies where schemaname = 'purser' and tablename = $1
  union all
  select 'rest', 6, a.grantee::regrole::text,
         'grant ' || lower(string_agg(a.privilege_type, ', ' order by a.privilege_type)) || ' on purser.' || $1 || ' to '
           || a.grantee::regrole || ';'
    from t join pg_class c on c.oid = t.oid, aclexplode(c.relacl) a
   where a.grantee <> c.relowner
   group by a.grantee
  union all
  select 'rest', 7, a.grantee::regrole || a.privilege_type,
         'grant ' || lower(a.privilege_type) || ' (' || string_agg(quote_ident(attname), ', ' order by attnum)
           || ') on purser.' || $1 || ' to ' || a.grantee::regrole || ';'
    from t join pg_attribute on attrelid = t.oid and attnum > 0, aclexplode(attacl) a
   group by a.grantee, a.privilege_type
) parts
order by part, at, name collate "C"`
