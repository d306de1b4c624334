// What customers saved, over the native API. Saving happens with a payment (`save`), paying with one, too.
import { DeletedSavedMethod, SavedMethodList } from '@purser/protocol'
import { CustomerId, SavedMethodId } from '../../kernel/ids.ts'
import { deleteSavedMethod } from '../../operations/delete-saved-method.ts'
import { listSavedMethods } from '../../operations/list-saved-methods.ts'
import { idParam, read, write } from '../contract/route.ts'
import type { Route } from '../contract/route.ts'
import { deletedSavedMethodJson, savedMethodJson } from '../contract/saved-method-json.ts'

const tag = 'Saved methods'

export const savedMethodRoutes: readonly Route[] = [
  read({
    path: '/v1/customers/:id/saved-methods',
    access: { kind: 'merchant', scope: 'read' },
    tag,
    summary: 'List what a customer saved, the last used first',
    params: { id: idParam(CustomerId) },
    reply: SavedMethodList,
    read: async (deps, { actor, params }) => {
      const { savedMethods } = await listSavedMethods(deps, actor, params)
      return { object: 'list' as const, items: savedMethods.map(savedMethodJson), next_cursor: null }
    },
  }),
  write({
    method: 'DELETE',
    path: '/v1/saved-methods/:id',
    access: { kind: 'merchant', scope: 'payments' },
    tag,
    summary: 'Delete a saved method',
    description: 'For good: nothing can be charged with it afterwards. Payments that were made with it stay.',
    params: { id: idParam(SavedMethodId) },
    reply: DeletedSavedMethod,
    act: async (deps, { actor, params, idempotency }) => {
      await deleteSavedMethod(deps, actor, { savedMethodId: params.id, idempotency })
      return params.id
    },
    resume: async (_deps, { subjectId }) => SavedMethodId.parse(subjectId),
    answer: deletedSavedMethodJson,
  }),
]
