// Who may import whom: the table of ARCHITECTURE.md as rules. A rule's comment is all that the person who trips over it
// will read, so it says why and where the code belongs instead. Tests and src/testing may import everything; nothing
// imports them. packages/server/test/import-rules.test.ts
// breaks every rule once and sees it fire.

const SERVER = '^packages/server/src'
const TEST_CODE = '\\.test\\.tsx?$|^packages/[^/]+/(test|src/testing)/'
// The files that build the program out of its parts: they alone know every part.
const COMPOSITION = `${SERVER}/(main|compose|demo-merchant|demo-juspay|tls-files|doctor|start-screen|sandbox-surface|demo-shop|verify-command)\\.ts$`

/** Files under `from` import, of our own code, only what `allowed` matches. */
const only = (name, from, allowed, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from, pathNot: TEST_CODE },
  to: { path: '^packages/', pathNot: allowed },
})

/** The package `module` is used by files that `by` matches and by nobody else. */
const reserved = (name, module, by, comment, to = {}) => ({
  name,
  severity: 'error',
  comment,
  from: { path: '^packages/[^/]+/src/', pathNot: [TEST_CODE, by] },
  to: { path: `(^|/)node_modules/${module}/`, ...to },
})

const LAYERS = [
  only(
    'kernel-is-the-floor',
    `${SERVER}/kernel/`,
    [`${SERVER}/kernel/`],
    'The kernel is the floor: it stands on nothing of ours. What needs the domain belongs into the domain.',
  ),
  only(
    'domain-is-pure',
    `${SERVER}/domain/`,
    [`${SERVER}/(kernel|domain)/`],
    'The domain decides and does not reach out. Read in an operation, decide in the domain, write in the operation.',
  ),
  only(
    'store-is-storage',
    `${SERVER}/store/`,
    [`${SERVER}/(kernel|domain|store)/`],
    'SQL knows rows and the nouns of the domain, never a use case.',
  ),
  only(
    'contract-of-connectors-stands-low',
    `${SERVER}/connectors/contract/`,
    [`${SERVER}/(kernel|domain)/`, `${SERVER}/connectors/contract/`],
    'What every connector must be is said in words of the kernel and the domain alone.',
  ),
  only(
    'connector-stands-alone',
    `${SERVER}/connectors/([^/]+)/`,
    [`${SERVER}/(kernel|domain)/`, `${SERVER}/connectors/(contract|$1)/`],
    'A connector translates one gateway. It knows neither the store, nor an operation, nor another connector.',
  ),
  only(
    'registry-of-connectors-lists',
    `${SERVER}/connectors/[^/]+\\.ts$`,
    [`${SERVER}/connectors/(contract/|[^/]+/index\\.ts$)`],
    'The registry is a list of connectors and nothing else.',
  ),
  only(
    'operations-above-store',
    `${SERVER}/operations/`,
    [`${SERVER}/(kernel|domain|store|operations)/`, `${SERVER}/connectors/contract/`],
    'An operation sees the contract of connectors, never one gateway, and never HTTP.',
  ),
  only(
    'jobs-call-operations',
    `${SERVER}/jobs/`,
    [`${SERVER}/(kernel|domain|store|operations|jobs)/`, `${SERVER}/connectors/contract/`],
    'A job claims work and calls an operation. It knows neither HTTP nor a gateway.',
  ),
  only(
    'http-is-transport',
    `${SERVER}/http/`,
    // The flag says whether a transaction is open, so that nothing is sent inside one. It holds no SQL.
    [
      `${SERVER}/(kernel|operations|receipts|http)/`,
      `${SERVER}/store/transaction-flag\\.ts$`,
      `${SERVER}/connectors/contract/`,
      '^packages/protocol/',
    ],
    'HTTP moves bytes: it authenticates, limits and words errors. What is done is an operation; what a client says and is told is a dialect.',
  ),
  {
    name: 'senders-see-contract-types',
    severity: 'error',
    comment: 'Who sends takes the shapes of a request and a reply from the contract of connectors, and no code.',
    from: { path: `${SERVER}/(http|jobs)/`, pathNot: TEST_CODE },
    to: { path: `${SERVER}/connectors/`, dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'operations-see-contract-types',
    severity: 'error',
    comment: 'A connector reaches an operation through deps. Only the one reader of replies is called directly.',
    from: { path: `${SERVER}/operations/`, pathNot: TEST_CODE },
    to: {
      path: `${SERVER}/connectors/`,
      pathNot: `${SERVER}/connectors/contract/read-reply\\.ts$`,
      dependencyTypesNot: ['type-only'],
    },
  },
  only(
    'contract-of-dialects-stands-low',
    `${SERVER}/dialects/contract/`,
    [`${SERVER}/(kernel|domain|operations|http)/`, `${SERVER}/dialects/contract/`],
    'What dialects share may not know one of them.',
  ),
  only(
    'dialect-stands-alone',
    `${SERVER}/dialects/([^/]+)/`,
    [
      `${SERVER}/(kernel|domain|operations|http)/`,
      `${SERVER}/dialects/(contract|$1)/`,
      `${SERVER}/receipts/render-pdf\\.ts$`,
      '^packages/protocol/',
    ],
    'A dialect translates. It knows neither SQL, nor a gateway, nor another dialect.',
  ),
  {
    name: 'dialects-see-domain-types',
    severity: 'error',
    comment:
      'A dialect words what an operation returned and decides nothing. Only the JSON of our objects is called, and the calendar, which reads a day as a clock reads an instant.',
    from: { path: `${SERVER}/dialects/`, pathNot: TEST_CODE },
    to: {
      path: `${SERVER}/domain/`,
      pathNot: `${SERVER}/domain/(webhook/objects|receipt/json|mandate/json|offline/json|mandate/calendar|settlement/json|dispute/json)\\.ts$`,
      dependencyTypesNot: ['type-only'],
    },
  },
  only(
    'registry-of-dialects-lists',
    `${SERVER}/dialects/[^/]+\\.ts$`,
    [`${SERVER}/dialects/(contract/|[^/]+/index\\.ts$)`, `${SERVER}/http/surfaces\\.ts$`],
    'The registry is a list of dialects and nothing else.',
  ),
  only(
    'receipts-draw',
    `${SERVER}/receipts/`,
    [`${SERVER}/(kernel|domain|receipts)/`],
    'What a receipt says is decided in the domain; here it becomes HTML and PDF. It reads nothing.',
  ),
  only(
    'verify-reads',
    `${SERVER}/verify/`,
    [`${SERVER}/(kernel|domain|store|verify)/`],
    'The checker recomputes from rows and the domain. A use case would change what it looks at.',
  ),
  only(
    'sandbox-gateway-is-a-stranger',
    `${SERVER}/sandbox-gateway/`,
    [`${SERVER}/kernel/`, `${SERVER}/sandbox-gateway/`],
    'The sandbox gateway keeps a book of its own. Sharing our domain or store would make reconciliation compare a book with itself.',
  ),
  only(
    'settings-stand-on-the-kernel',
    `${SERVER}/(config|nearest-name)\\.ts$`,
    [`${SERVER}/kernel/`, `${SERVER}/(config|nearest-name)\\.ts$`],
    'Settings are read before anything else exists.',
  ),
  {
    name: 'only-composition-at-the-top',
    severity: 'error',
    comment: 'A file at the top of src either builds the program (then it is named here) or belongs into a folder.',
    from: {
      path: `${SERVER}/[^/]+\\.ts$`,
      pathNot: [TEST_CODE, COMPOSITION, `${SERVER}/(config|nearest-name)\\.ts$`],
    },
    to: { path: '^packages/' },
  },
  {
    name: 'every-folder-has-a-place',
    severity: 'error',
    comment:
      'A folder that the import table does not know may import anything. Give it a row here and in ARCHITECTURE.md.',
    from: {
      path: `${SERVER}/[^/]+/`,
      pathNot: [
        TEST_CODE,
        `${SERVER}/(kernel|domain|store|connectors|operations|jobs|http|dialects|receipts|verify|sandbox-gateway)/`,
      ],
    },
    to: {},
  },
  {
    name: 'nobody-imports-composition',
    severity: 'error',
    comment: 'What builds the program is above everything. Take what you need from it as an argument.',
    from: { path: `${SERVER}/`, pathNot: [TEST_CODE, COMPOSITION] },
    to: { path: COMPOSITION },
  },
  {
    name: 'registries-are-for-composition',
    severity: 'error',
    comment: 'The lists of connectors and dialects are imported where the program is built, and nowhere else.',
    from: { path: `${SERVER}/`, pathNot: [TEST_CODE, COMPOSITION] },
    to: { path: `${SERVER}/(connectors|dialects)/registry\\.ts$` },
  },
]

const PACKAGES = [
  only(
    'protocol-imports-nothing-of-ours',
    '^packages/protocol/',
    ['^packages/protocol/'],
    'The contract of our API is what server and clients share: it may know neither.',
  ),
  only(
    'server-imports-protocol',
    '^packages/server/',
    ['^packages/(server|protocol)/'],
    'The server serves the built pages as files; it never imports them.',
  ),
  {
    name: 'protocol-stays-at-the-edge',
    severity: 'error',
    comment: "The shapes of our API are the business of dialects and http. Everything below speaks the domain's words.",
    from: { path: `${SERVER}/`, pathNot: [TEST_CODE, COMPOSITION, `${SERVER}/(dialects|http)/`] },
    to: { path: '^packages/protocol/' },
  },
  ...['cli', 'checkout', 'dashboard'].map((name) =>
    only(
      `${name}-imports-protocol`,
      `^packages/${name}/`,
      [`^packages/(${name}|protocol)/`],
      "A client knows the server by HTTP and by the contract, like everybody's clients.",
    ),
  ),
]

const LIBRARIES = [
  reserved(
    'pg-only-in-store',
    '(pg|pg-[a-z-]+)',
    `${SERVER}/(store/|sandbox-gateway/store/|main\\.ts$|doctor\\.ts$|verify-command\\.ts$)`,
    'SQL has one home. Add a function to a file in store/ and call that.',
    { dependencyTypesNot: ['type-only'] },
  ),
  reserved(
    'undici-only-in-client',
    'undici',
    `${SERVER}/http/client\\.ts$`,
    'Every call that leaves us passes the guard, the limits and the deadline of http/client.ts.',
  ),
  reserved(
    'fastify-only-in-http',
    '(fastify|@fastify/[a-z-]+)',
    `${SERVER}/(http|dialects|sandbox-gateway/http)/|${SERVER}/sandbox-gateway/(gateway|main)\\.ts$`,
    'Only what answers requests knows the framework.',
    { dependencyTypesNot: ['type-only'] },
  ),
  reserved(
    'pdfkit-only-in-receipts',
    'pdfkit',
    `${SERVER}/receipts/`,
    'A PDF takes a tenth of a second of CPU: it is drawn in the thread that receipts/ keeps, never beside requests.',
  ),
  {
    name: 'no-http-of-its-own',
    severity: 'error',
    comment: 'Outbound calls go through http/client.ts; what listens is built by http/app.ts.',
    // The sandbox gateway sends its notifications itself where it runs as a process of its own.
    from: { path: `${SERVER}/`, pathNot: [TEST_CODE, `${SERVER}/http/`, `${SERVER}/sandbox-gateway/send\\.ts$`] },
    to: { path: '^(node:)?(http|https|http2)$', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'declared-dependencies-only',
    severity: 'error',
    comment: 'Workspaces hoist: an import that the package itself does not declare works until it does not.',
    from: { path: '^packages/[^/]+/src/', pathNot: TEST_CODE },
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  },
  {
    name: 'no-development-tools-in-production',
    severity: 'error',
    comment: 'What only development needs is not there where the server runs. Types are gone by then and may be taken.',
    from: { path: '^packages/(server|cli|protocol)/src/', pathNot: TEST_CODE },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'no-unresolvable',
    severity: 'error',
    comment: 'This file or package is not there.',
    from: {},
    to: { couldNotResolve: true },
  },
]

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Two modules that need each other are one module.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-test-code-in-production',
      severity: 'error',
      comment: 'Production code never imports test helpers: they are not built and not shipped.',
      from: { path: '^packages/[^/]+/src/', pathNot: TEST_CODE },
      to: { path: [TEST_CODE, '(^|/)node_modules/(vitest|fast-check|playwright-core|@sparticuz/chromium)/'] },
    },
    ...LAYERS,
    ...PACKAGES,
    ...LIBRARIES,
  ],
  options: {
    exclude: { path: '^packages/[^/]+/(dist|node_modules)/' },
    doNotFollow: { path: ['node_modules'] },
    combinedDependencies: false,
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
}
