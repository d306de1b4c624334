// Builds the hosted page and the web SDK. The server makes the page's HTML itself (with a nonce), so the only entry is
// a script; it finds the hashed names in dist/.vite/manifest.json and serves the files under /assets. The SDK is built
// after it, into names that stay: dist/sdk/purser.js sets window.Purser, purser.mjs is a module, purser.d.ts its types.
import { readFile, writeFile } from 'node:fs/promises'
import { build, defineConfig } from 'vite'
import type { Plugin } from 'vite'

export default defineConfig({
  base: '/assets/',
  publicDir: false,
  plugins: [sdk()],
  build: {
    manifest: true,
    target: 'es2020',
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: { page: 'src/page/main.ts' },
      output: {
        entryFileNames: 'pay-[hash].js',
        chunkFileNames: 'pay-[hash].js',
        assetFileNames: 'pay-[hash][extname]',
      },
    },
  },
})

function sdk(): Plugin {
  return {
    name: 'purser-sdk',
    closeBundle: async () => {
      await buildSdk('src/sdk/index.ts', 'es', 'purser.mjs')
      await buildSdk('src/sdk/global.ts', 'iife', 'purser.js')
      const types = await readFile(new URL('src/sdk/public.ts', import.meta.url), 'utf8')
      const members = 'preFetch initiate process onBackPressed isInitialised terminate'.split(' ')
      const values = members.map((member) => `export declare const ${member}: PurserSdk['${member}']\n`).join('')
      const global = 'declare global {\n  interface Window {\n    readonly Purser: PurserSdk\n  }\n}\n'
      await writeFile(new URL('dist/sdk/purser.d.ts', import.meta.url), `${types}\n${values}\n${global}`)
    },
  }
}

async function buildSdk(entry: string, format: 'es' | 'iife', fileName: string): Promise<void> {
  await build({
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    build: {
      target: 'es2020',
      outDir: 'dist/sdk',
      emptyOutDir: false,
      reportCompressedSize: false,
      minify: true,
      lib: { entry, formats: [format], name: 'PurserBundle', fileName: () => fileName },
    },
  })
}
