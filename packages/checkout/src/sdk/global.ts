// The SDK as a script: <script src="https://…/sdk/purser.js"></script> sets window.Purser.
import { defineElement } from './element.ts'
import { createSdk } from './sdk.ts'

const { currentScript } = document
const base = new URL(currentScript instanceof HTMLScriptElement ? currentScript.src : location.href).origin

Object.assign(window, { Purser: createSdk(base) })
defineElement(base)
