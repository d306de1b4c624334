// A client of the Juspay dialect, written from the API's public description: Basic key, form or JSON, a version header.
import type { FastifyInstance } from 'fastify'
import { callApp } from './api-setup.ts'
import type { ApiReply } from './api-setup.ts'

export type JuspayCall = {
  readonly key?: string | null
  /** A form. */
  readonly form?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export type JuspayClient = {
  get(path: string, call?: JuspayCall): Promise<ApiReply>
  post(path: string, call?: JuspayCall): Promise<ApiReply>
}

export function createJuspayClient(app: FastifyInstance, secretKey: string): JuspayClient {
  const send = (method: string, path: string, call: JuspayCall = {}) => {
    const { key = secretKey, form, json, headers } = call
    const raw = form === undefined ? undefined : new URLSearchParams(form).toString()
    return callApp(app, {
      method,
      path,
      idempotencyKey: null,
      ...(raw === undefined ? {} : { raw }),
      ...(json === undefined ? {} : { body: json }),
      headers: {
        ...(key === null ? {} : { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` }),
        ...(raw === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        version: '2023-06-30',
        ...headers,
      },
    })
  }
  return { get: (path, call) => send('GET', path, call), post: (path, call) => send('POST', path, call) }
}
