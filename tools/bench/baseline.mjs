// What the same Postgres does without us: the rows of one order, in the fewest statements SQL allows, one transaction
// each. By pgbench where it is installed, else by the bare driver in as many connections.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { run } from '../child.mjs'

const CLIENTS = 32
const DATABASE = 'purser'

/** Where the embedded cluster of a data directory listens. */
export function clusterAddress(dataDir) {
  const lines = readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')
  return { port: Number.parseInt(lines[3], 10), host: lines[4] || lines[5] }
}

/**
 * Transactions per second.
 * @param {{ dataDir: string, merchantId: string, seconds: number }} job
 * @returns {Promise<{ rate: number, by: string }>}
 */
export async function measureBaseline({ dataDir, merchantId, seconds }) {
  const address = clusterAddress(dataDir)
  const sql = orderStatement(merchantId)
  const settings = `-c search_path=purser -c app.merchant=${merchantId} -c app.mode=test`
  const hasPgbench = spawnSync('pgbench', ['--version']).status === 0
  if (hasPgbench) return { rate: await byPgbench({ address, sql, settings, seconds }), by: 'pgbench' }
  return { rate: await byDriver({ address, sql, settings, seconds }), by: 'bare driver' }
}

async function byPgbench({ address, sql, settings, seconds }) {
  const folder = mkdtempSync(join(tmpdir(), 'purser-pgbench-'))
  try {
    const script = join(folder, 'order.sql')
    writeFileSync(script, `${sql.replaceAll('\n', ' ')};\n`)
    const args = ['-n', '-M', 'prepared', '-c', String(CLIENTS), '-j', '2', '-T', String(seconds), '-f', script]
    const where = ['-h', address.host, '-p', String(address.port), '-U', 'purser_app', DATABASE]
    const env = { ...process.env, PGOPTIONS: settings }
    const { ok, output, reason } = await run('pgbench', [...args, ...where], {
      env,
      deadlineMs: (seconds + 60) * 1_000,
    })
    const [, rate] = /tps = ([\d.]+) \(without/.exec(output) ?? []
    if (!ok || rate === undefined) throw new Error(`pgbench ${reason}:\n${output}`)
    return Number.parseFloat(rate)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function byDriver({ address, sql, settings, seconds }) {
  const target = { ...address, user: 'purser_app', database: DATABASE, options: settings }
  const clients = Array.from({ length: CLIENTS }, () => new Client(target))
  await Promise.all(clients.map((client) => client.connect()))
  let done = 0
  const until = performance.now() + seconds * 1_000
  const loop = async (client) => {
    for (; performance.now() < until; done += 1) await client.query({ name: 'order', text: sql })
  }
  await Promise.all(clients.map(loop))
  await Promise.all(clients.map((client) => client.end()))
  return done / seconds
}

// The rows that POST /v1/orders leaves behind: order, event, idempotency key with its stored answer, audit. Lengths of
// the texts are those of the real ones. Ids rise with time, as ours do. No colon but in casts: pgbench takes what
// follows one for a variable, also within quotes.
function orderStatement(merchantId) {
  const tenant = `'${merchantId}', 'test'`
  return `with n as materialized (
    select to_char(clock_timestamp(), 'YYYYMMDDHH24MISSUS') || left(md5(random()::text), 10) as id),
  k as (
    insert into idempotency_keys (merchant_id, mode, route, key, fingerprint, subject_id, leased_until, answer_status,
      answer_body)
    select ${tenant}, 'POST /v1/orders', id, decode(md5(id) || md5(id), 'hex'), 'ord_' || id, now(), 201,
      repeat('x', 620) from n),
  o as (
    insert into orders (merchant_id, mode, id, reference, amount, currency, payer, capture, status, created_at, updated_at)
    select ${tenant}, 'ord_' || id, id, 49900, 'INR', json_build_object('name', null, 'email', null, 'phone', null)::jsonb, 'automatic', 'open',
      now(), now() from n),
  e as (
    insert into events (merchant_id, mode, id, type, object_id, order_id, body, created_at)
    select ${tenant}, 'evt_' || id, 'order.created', 'ord_' || id, 'ord_' || id, repeat('x', 700), now() from n)
  insert into audit (merchant_id, mode, id, actor, action, object_id, request_id, details)
  select ${tenant}, 'aud_' || id, 'key-test_0123456789abcdefghijklmnop', 'order.created', 'ord_' || id, 'req_' || md5(id),
    jsonb_build_object('reference', id, 'amount', '49900', 'currency', 'INR') from n`
}
