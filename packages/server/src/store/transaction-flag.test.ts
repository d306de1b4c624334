import { describe, expect, test } from 'vitest'
import { AppError } from '../kernel/errors.ts'
import { assertNoTransaction, runInsideTransactionFlag } from './transaction-flag.ts'

describe('the transaction flag', () => {
  test('outside a transaction nothing is refused', () => {
    expect(() => assertNoTransaction()).not.toThrow()
  })

  test('inside a transaction the assertion fails, also after a wait and in work started beside', async () => {
    await runInsideTransactionFlag(async () => {
      expect(() => assertNoTransaction()).toThrow(AppError)
      await Promise.resolve()
      expect(() => assertNoTransaction()).toThrow(AppError)
      await expect(Promise.resolve().then(assertNoTransaction)).rejects.toThrow(AppError)
    })
  })

  test('work that was started inside but outlives the transaction may send', async () => {
    let release = () => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    let outliving: Promise<void> | undefined
    await runInsideTransactionFlag(async () => {
      outliving = gate.then(assertNoTransaction)
    })
    release()
    await expect(outliving).resolves.toBeUndefined()
  })

  test('a transaction that fails lowers the flag too, and hands its error on', async () => {
    let inside: (() => void) | undefined
    const failed = runInsideTransactionFlag(async () => {
      inside = assertNoTransaction
      throw new Error('rolled back')
    })
    await expect(failed).rejects.toThrow('rolled back')
    expect(inside).not.toThrow()
  })

  test('a transaction elsewhere does not raise the flag here', async () => {
    let end = () => {}
    const elsewhere = runInsideTransactionFlag(
      () =>
        new Promise<void>((resolve) => {
          end = resolve
        }),
    )
    expect(() => assertNoTransaction()).not.toThrow()
    end()
    await elsewhere
  })
})
