// What a caller of our own APIs wants to pay with, as operations take it.
import type { Instrument } from '../../domain/payment/method.ts'
import { SavedMethodId } from '../../kernel/ids.ts'
import type { StartCommand } from '../../operations/start-command.ts'

type Asked = { readonly instrument: Instrument | { readonly saved_method_id: string }; readonly save?: boolean }

export function meansOf({ instrument, save }: Asked): Pick<StartCommand, 'instrument' | 'save'> {
  return {
    instrument:
      'saved_method_id' in instrument ? { savedMethodId: SavedMethodId.parse(instrument.saved_method_id) } : instrument,
    ...(save === undefined ? {} : { save }),
  }
}
