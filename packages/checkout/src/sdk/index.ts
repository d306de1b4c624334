// The SDK as a module: `import { initiate, process } from 'https://…/sdk/purser.mjs'`. Bundled into an app it does not
// know where it came from; the payload then says it: `baseUrl`.
import { defineElement } from './element.ts'
import { createSdk } from './sdk.ts'

const base = new URL(import.meta.url).origin

export const { preFetch, initiate, process, onBackPressed, isInitialised, terminate } = createSdk(base)
if (typeof customElements !== 'undefined') defineElement(base)
export type * from './public.ts'
