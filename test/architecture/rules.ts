/** What lies below the runtime. `room`: each room without a line of its own. */
const BELOW = [
  'thread',
  'notify',
  'access',
  'inbox',
  'schedule',
  'hook',
  'workflow',
  'chain',
  'agent',
  'pipeline',
  'calls',
  'run',
  'step',
  'commons',
  'ledger',
  'memory',
  'room',
  'house',
  'work',
  'source',
  'extension',
  'telemetry',
  'tool',
  'sandbox',
  'web',
  'model',
  'template',
  'secret',
  'worker',
  'engine',
  'store',
  'kernel',
  'yaml',
] as const

/**
 * Who may import whom. A part is a folder of src/, or a file in it. Everything that is not named here is forbidden. The
 * door of a room (its `room.ts` and its folder `room/`) may import more, which the next table names.
 */
export const MAY_IMPORT: { readonly [part: string]: readonly string[] } = {
  index: ['contract', 'runtime', 'config', 'http', ...BELOW],
  extend: ['extension', 'checkpoint', 'run', 'tool', 'kernel'],
  client: [
    'http',
    'contract',
    'runtime',
    'access',
    'house',
    'agent',
    'thread',
    'calls',
    'pipeline',
    'run',
    'step',
    'bulk',
    'tested',
  ],
  cli: ['testing', 'http', 'runtime', 'rooms', 'contract', 'config', ...BELOW],
  http: ['runtime', 'rooms', 'contract', 'config', ...BELOW],
  runtime: ['rooms', 'contract', 'config', ...BELOW],
  // the list of all doors
  rooms: ['contract', 'config', ...BELOW],
  contract: [...BELOW],
  config: [
    'access',
    'room',
    'ledger',
    'chain',
    'memory',
    'notify',
    'hook',
    'model',
    'secret',
    'template',
    'tool',
    'worker',
    'yaml',
  ],
  testing: [
    'http',
    'runtime',
    'contract',
    'config',
    'workflow',
    'agent',
    'pipeline',
    'run',
    'step',
    'house',
    'inbox',
    'tool',
    'model',
    'engine',
    'store',
    'kernel',
    'yaml',
  ],
  notify: ['secret', 'kernel'],
  hook: ['run', 'step', 'house', 'secret', 'kernel'],
  workflow: ['agent', 'pipeline', 'run', 'step', 'house', 'work', 'tool', 'model', 'engine', 'kernel'],
  pipeline: [
    'calls',
    'run',
    'step',
    'house',
    'work',
    'tool',
    'model',
    'secret',
    'template',
    'worker',
    'budget',
    'kernel',
    'yaml',
  ],
  calls: ['run', 'step', 'work', 'tool', 'house', 'kernel'],
  run: ['step', 'house', 'work', 'tool', 'model', 'budget', 'kernel'],
  step: ['house', 'work', 'tool', 'model', 'secret', 'worker', 'budget', 'kernel'],
  chain: [
    'thread',
    'run',
    'step',
    'commons',
    'memory',
    'house',
    'work',
    'source',
    'tool',
    'model',
    'worker',
    'budget',
    'kernel',
  ],
  agent: [
    'thread',
    'calls',
    'pipeline',
    'run',
    'step',
    'house',
    'memory',
    'work',
    'tool',
    'model',
    'worker',
    'budget',
    'kernel',
    'yaml',
  ],
  thread: ['run', 'step', 'house', 'work', 'tool', 'model', 'worker', 'kernel'],
  commons: ['ledger', 'memory', 'model', 'kernel'],
  memory: ['source', 'web', 'model', 'store', 'secret', 'kernel'],
  access: ['house', 'kernel'],
  ledger: ['extension', 'secret', 'house', 'kernel'],
  // every room without a line of its own: its ground floor, below its door
  room: ['house', 'kernel'],
  work: ['house', 'budget', 'tool', 'model', 'template', 'worker', 'engine', 'kernel'],
  house: ['tool', 'engine', 'kernel'],
  source: ['extension', 'model', 'web', 'sandbox', 'worker'],
  extension: ['tool'],
  telemetry: ['tool', 'model', 'engine', 'worker', 'store', 'kernel'],
  tool: ['model', 'sandbox', 'web', 'secret', 'template', 'worker', 'kernel'],
  sandbox: ['kernel'],
  web: ['kernel'],
  model: ['template', 'worker', 'secret', 'store'],
  engine: ['store', 'kernel'],
  worker: ['store'],
  secret: ['store'],
  template: [],
  kernel: [],
  yaml: [],
  store: [],
  observe: [],
  document: [],
  lib: ['node-version.js'],
  // of bin/: plain JavaScript, since an old Node reads it as well
  'node-version.js': [],
  errors: [],
}

/**
 * The floors of the house, from the bottom (docs/adr/0079). A folder imports folders of the lines above its own, and of its own line where
 * these do not import it. Doors count where they stand.
 */
export const FLOORS: readonly (readonly string[])[] = [
  [
    ...['kernel', 'store', 'yaml', 'template', 'secret', 'worker', 'engine', 'sandbox', 'web', 'model', 'tool'],
    ...['extension', 'source', 'telemetry'],
  ],
  ['house'],
  // `room`: each room that is named on no floor
  ['budget', 'environment', 'memory', 'ledger', 'commons', 'room'],
  ['work'],
  ['step'],
  ['run'],
  ['calls'],
  ['pipeline'],
  ['thread'],
  ['chain', 'agent'],
  ['workflow'],
  ['access', 'notify', 'erasure', 'inbox', 'schedule', 'hook', 'bulk'],
  ['config', 'contract', 'rooms'],
  ['runtime', 'testing', 'http', 'cli'],
  ['index', 'client', 'extend'],
]

/** What the door of a room may import beside what its ground floor may. `room`: each door. */
export const DOOR_MAY_IMPORT: { readonly [part: string]: readonly string[] } = {
  room: ['house', 'engine', 'tool', 'kernel'],
  access: ['run', 'step', 'extension'],
  budget: ['model'],
  inbox: ['chain', 'agent', 'thread', 'pipeline', 'run', 'step', 'memory', 'budget', 'work'],
  notify: ['access', 'agent', 'thread', 'run', 'web'],
  bulk: ['run'],
  run: ['store'],
  schedule: ['workflow', 'agent', 'pipeline', 'run'],
  hook: ['workflow', 'agent', 'pipeline'],
  erasure: ['thread'],
  file: ['source', 'extension', 'model', 'store'],
  tested: ['store'],
  checkpoint: ['store'],
  agent: ['contract', 'store'],
  chain: ['store'],
  thread: ['commons', 'ledger', 'memory', 'budget', 'source', 'store'],
  pipeline: ['store'],
}

/** What a part may not import although it may import the part that holds it; paths of files, or of folders with a slash at their end. */
export const NOT_WITHIN: { readonly [part: string]: readonly string[] } = {
  agent: ['language', 'graph', 'run', 'step', 'tools'].map((folder) => `src/pipeline/${folder}/`),
  // of models only how a text is taken apart
  source: [
    'offline',
    'audio',
    'picture',
    'rank',
    'embed',
    'pool',
    'call',
    'catalogue',
    'choose',
    'provider',
    'prompt',
    'reply',
  ].map((folder) => `src/model/${folder}/`),
  // reports read what is stored, and `agentActors` makes the actors
  runtime: ['src/step/messages/codec.ts', 'src/agent/goal/goal-actor.ts'],
}

/** Texts that one file alone spells, and that file. */
export const SPELLED_ONCE: readonly (readonly [text: RegExp, file: string])[] = [
  [/\bapprove_/, 'src/step/messages/call-names.ts'],
  [/`(?:budget|signal|decision):\$\{/, 'src/work/wait.ts'],
  [/\binbox: 1\b/, 'src/work/wait.ts'],
  [/#\$\{attempt\}/, 'src/work/payer.ts'],
  // the kinds of actors that do work
  [
    /\bkind: '(?:run|step|agent|chain|phase)'(?! \|)|\.kind [!=]== '(?:run|step|agent|chain|phase)'/,
    'src/house/actors.ts',
  ],
  [/\.list\('(?:run|step|agent|chain|phase)'|`(?:run|chain|phase)\/\$\{/, 'src/house/actors.ts'],
  [/#message:/, 'src/house/common-fields.ts'],
  [/\bkind(?:: | === )'(?:chain|phase)'/, 'src/house/actors.ts'],
]

/** Everybody may import these: leaves that import nothing of ours, plain data and the words for its faults. */
export const FOR_ALL = [
  'src/document.ts',
  'src/errors.ts',
  'src/lib/',
  'src/observe/',
  'src/kernel/json.ts',
  'src/kernel/schema.ts',
  'src/kernel/schema-issues/',
]

/** Exceptions to that: leaves import nothing of ours, and the kernel is to be read on its own. */
export const NOT_FOR: { readonly [part: string]: readonly string[] } = {
  kernel: ['src/document.ts', 'src/lib/', 'src/observe/'],
  document: ['src/document.ts', 'src/lib/', 'src/observe/', 'src/kernel/schema-issues/'],
  lib: FOR_ALL,
  errors: FOR_ALL.filter((leaf) => leaf !== 'src/lib/'),
  observe: ['src/document.ts', 'src/kernel/schema.ts', 'src/kernel/schema-issues/'],
}

/** The one leaf that the kernel reads: the words for faults of the schemas that it checks. */
export const FOR_KERNEL = ['src/lib/schema-issues/']

/** Decisions: no clock, no random, no disk, no network, and nothing that they run has any either. */
export const PURE = [
  'src/kernel/',
  'src/agent/definition/',
  'src/memory/actor/schedule.ts',
  'src/memory/content-id.ts',
  'src/memory/tier/',
  'src/memory/fact-history.ts',
  'src/pipeline/language/compile.ts',
  'src/pipeline/language/actions/',
  'src/pipeline/language/auto/',
  'src/pipeline/language/check/',
  'src/pipeline/language/diagnostics/',
  'src/pipeline/language/link/',
  'src/pipeline/language/parse/',
  'src/pipeline/language/schema/',
  'src/pipeline/graph/',
  'src/pipeline/plan/',
  'src/step/messages/',
  'src/step/record/',
  'src/agent/context/',
  'src/agent/playbook/sure-choice.ts',
  'src/agent/goal/decide-next.ts',
  'src/agent/goal/loop-guard.ts',
  'src/agent/definition/',
  'src/chain/protocol/recursion.ts',
  'src/chain/context/',
  'src/thread/actor/treatments.ts',
  'src/thread/protocol/context-operations.ts',
  'src/model/choose/choose.ts',
  'src/budget/reservation.ts',
  'src/environment/merge-patch.ts',
  'src/environment/change.ts',
  'src/worker/scaling/autoscale.ts',
  'src/worker/scaling/topology.ts',
  'src/worker/scaling/default-sizes.ts',
  'src/worker/scaling/cgroup.ts',
  'src/worker/scaling/policy.ts',
  'src/worker/pool-id.ts',
  'src/web/address.ts',
]
export const PURE_MODULES = ['node:crypto', 'node:util']
export const IMPURE_GLOBALS = [
  'Date.now',
  'new Date()',
  'Math.random',
  'crypto.randomUUID',
  'performance',
  'process',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
]

/** Folders with actors, beside the rooms without a rule of their own: time comes from `effects.now`, ids from `childId`, everything else through `effects.run`. */
export const ACTORS = [
  'src/agent/',
  'src/memory/actor/',
  'src/pipeline/',
  'src/chain/',
  'src/thread/',
  'src/access/',
  'src/budget/',
]
export const NOT_IN_ACTORS = ['Date.now', 'new Date()', 'Math.random', 'crypto.randomUUID', 'fetch']

/** What stands between a task of a pool and the model it asks. */
const BETWEEN = ['src/telemetry/instrument.ts', 'src/budget/room/charging/metered.ts', 'src/work/rules/ruled-models.ts']

/** What asks a model, and who may do so: the model's own folder by its provider, and for all others a task of a pool. */
export const MODEL_CALLS: { readonly [call: string]: readonly string[] } = {
  generate: ['src/model/pool/generate-in-pool.ts', ...BETWEEN],
  generateReply: ['src/model/'],
  doGenerate: ['src/model/'],
  doStream: ['src/model/'],
  embed: ['src/model/', ...BETWEEN],
  transcribe: ['src/model/audio/audio-in-pool.ts', ...BETWEEN],
  speak: ['src/model/audio/audio-in-pool.ts', ...BETWEEN],
  draw: ['src/model/picture/draw.ts', ...BETWEEN],
  relay: BETWEEN,
  doEmbed: ['src/model/'],
  employ: ['src/model/pool/call-in-pool.ts'],
}

/** Files that call a tool by itself: those that a rule stands around, and parts of antiphon's own tools and steps. */
export const TOOL_CALLS = [
  'src/file/room/media-input.ts',
  'src/pipeline/step/artifact-file.ts',
  'src/pipeline/step/templates/template-files.ts',
  'src/pipeline/tools/checkpoint.ts',
  'src/pipeline/tools/inbox/feedback.ts',
  'src/pipeline/tools/media-model.ts',
  'src/tool/builtin/report-generator/report-generator.ts',
  'src/tool/question.ts',
]

/** Files that load what a user names. */
export const LOAD_BY_NAME = [
  'src/tool/plugin/import-plugin.ts',
  'src/lib/package/import-extension.ts',
  'src/model/provider/load.ts',
  'src/worker/isolation/call.ts',
  'src/worker/offload/run-job.ts',
]

/** Lines after which a file is to be split by idea. */
export const LONGEST_FILE = 300

/** Lines of code after which a function is long, and how many of those there are at most. The linter allows none over 120 lines. */
export const LONG_FUNCTION = 90
export const MAX_LONG_FUNCTIONS = 10

/** The file by which tests have fast-check. */
export const SEEDED = 'test/property.ts'

/**
 * The door of each folder of src/: the file that a reader opens first, which says what the folder is and when you use it. Absent: the door is
 * `FOLDER/FOLDER.ts`. `lib` has none, since its files have nothing in common.
 */
export const DOORS: { readonly [folder: string]: string } = {
  calls: 'language.ts',
  contract: 'operations.ts',
  http: 'server/app.ts',
  kernel: 'types.ts',
  model: 'models.ts',
  observe: 'observer.ts',
  house: 'room.ts',
  rooms: 'rooms.ts',
  runtime: 'ports.ts',
  secret: 'store.ts',
  step: 'record/step.ts',
  store: 'database/database.ts',
  testing: 'index.ts',
  web: 'request.ts',
  work: 'payer.ts',
  worker: 'work-pool.ts',
  yaml: 'parse.ts',
}
export const WITHOUT_DOOR = ['lib']

/** How many files of its own a folder holds at most; the exceptions with their number. */
export const LARGEST_FOLDER = 15
/** Folders to which a recipe of CONTRIBUTING.md adds files, one for each command, tool, route or view, and their limit. */
export const LISTS: readonly RegExp[] = [
  /^src\/cli\/commands\/[a-z]+$/,
  /^src\/tool\/builtin$/,
  /^src\/http\/routes$/,
  /^ui\/machine$/,
]
export const LARGEST_LIST = 30
/** Files that a recipe adds to any folder. They do not count. */
export const ADDED_ANYWHERE: readonly string[] = ['facts.ts', 'settings.ts']
export const CROWDED: { readonly [folder: string]: number } = {
  // a flat list of chapters, each a suite of its own
  'trials/conformance': 28,
}

/**
 * The folders inside each room with folders, and which of their neighbours each may import. `.` stands for the files of the room itself; where
 * it is not listed, these files are free: some are words below the folders, others join them. The door of a room has rules of its own.
 */
export const FOLDERS: { readonly [area: string]: { readonly [folder: string]: readonly string[] } } = {
  'src/pipeline': {
    '.': ['plan', 'language', 'graph', 'run', 'step', 'tools', 'report'],
    tools: ['step', 'run', 'language', 'graph', 'plan'],
    report: ['step', 'run', 'language', 'graph', 'plan'],
    step: ['language', 'plan'],
    language: ['plan'],
    run: ['graph', 'plan'],
    graph: ['plan'],
    plan: [],
  },
  'src/run': { actor: ['later', '.'], later: ['.'], page: ['.'] },
  'src/step': inOrder([
    'actor',
    'undo',
    'batch',
    'suspend',
    'plain',
    'attempt',
    'approval',
    'model-call',
    'call',
    'messages',
    'record',
    '.',
  ]),
  'src/workflow': inOrder(['check', 'actor', 'live', 'operations', 'replay', 'definition']),
  'src/engine': { libsql: ['.'], inline: ['.'], restate: ['.'], '.': [] },
  'src/runtime': inOrder(['open', 'services', 'maintenance', 'migrate', 'data-folder'], ['inspect', '.', 'ports']),
  'src/http': inOrder(
    ['program', 'ui', 'server', 'mcp', 'compat', 'routes', 'routing'],
    ['frontend', 'stream', 'authorize', 'client', 'wire'],
  ),
  'src/chain': inOrder([
    '.',
    'ask',
    'define',
    'phases',
    'calls',
    'context',
    'retrieval',
    'memory',
    'questions',
    'domains',
    'checks',
    'protocol',
  ]),
  'src/thread': inOrder(['actor', 'protocol']),
  'src/agent': inOrder(['.', 'answerer', 'goal', 'playbook', 'memory', 'context', 'definition', 'protocol']),
  'src/contract': inOrder(['.', 'documents']),
  'src/cli': inOrder(
    ['commands', 'dev', 'cluster-dev', 'completion', 'doctor', 'connect', 'arguments'],
    ['render', 'progress', 'terminal'],
  ),
  'src/kernel': { attempt: [], supervisor: [], 'schema-issues': [] },
  'src/lib': inOrder([
    '.',
    'package',
    'process',
    'collections',
    'media',
    'encoding',
    'json',
    'text',
    'threads',
    'time',
    'flow',
  ]),
  'src/memory': {
    embedding: ['duties', 'actor', 'store'],
    redis: ['duties', 'store', '.'],
    sources: ['store', '.'],
    duties: ['actor', 'store', 'tier', '.'],
    store: ['tier', '.', 'transfer'],
    actor: [],
    tier: [],
    transfer: ['tier', '.'],
  },
  'src/model': inOrder(
    [
      'probe',
      'offline',
      'audio',
      'picture',
      'rank',
      'embed',
      'pool',
      'call',
      'offer',
      'files',
      'catalogue',
      'choose',
      'provider',
      'wire',
      'structured-output',
    ],
    ['recorded', 'cost', 'reply', 'request', 'prompt', 'text'],
  ),
  'src/observe': inOrder(['log', 'otel', 'metrics', '.']),
  'src/sandbox': inOrder(['script', 'container', 'bubblewrap', 'process', 'scratch']),
  'src/source': { folder: ['.', 'code'], pdf: ['.'], media: ['.', 'pdf'], code: [] },
  'src/store': inOrder(['replica', 'backup', 'cache', 'blobs', 'data-folder', 'database', 'wal', 'files']),
  'src/template': inOrder(['evaluate', 'parse', 'operations', 'regex', 'text', 'values', 'machine']),
  'src/testing': inOrder(['agents', 'openers', 'workflows']),
  'src/tool': {
    ...inOrder(['loaded', 'plugin', 'builtin', 'mcp', 'chromium', 'writes', 'files', 'once']),
    // the result of a server's tool is saved as the built-in tools save files
    mcp: ['builtin', 'files', 'once'],
  },
  'src/web': inOrder(['page', 'search', '.']),
  'src/work': inOrder(['rules', 'approval', 'tools', 'origin']),
  'src/worker': inOrder(['offload', 'isolation', 'pool', 'scaling']),
}

/** Each folder may import those that come after it. */
function inOrder(...lists: readonly (readonly string[])[]): { readonly [folder: string]: readonly string[] } {
  const folders = lists.flat()
  return Object.fromEntries(folders.map((folder, place) => [folder, folders.slice(place + 1)]))
}

/** Files in a circle of imports at most, when imports of types count. Value imports make no circle. */
export const LARGEST_CIRCLE = 3

/** Names that do not say what a type is. */
export const BANNED_TYPE_NAMES = ['Told', 'Kept', 'Came', 'Taken', 'Deed', 'Place', 'Places', 'Said', 'Made', 'Given']

/** Names of types, functions, variables and fields that do not say what they are. */
export const BANNED_NAMES = [
  'told',
  'kept',
  'Sight',
  'Behalf',
  'Happening',
  'Manner',
  'Purse',
  'Lender',
  'purse',
  'purses',
  'lender',
]
/** Fields that are stored or sent under such a name. */
export const STORED_NAMES: { readonly [path: string]: string } = {
  'src/agent/protocol/rounds.ts': 'told',
  'src/agent/protocol/stored-goal.ts': 'told',
  'src/kernel/supervisor/children.ts': 'kept',
  'src/model/request/request.ts': 'told',
  'src/pipeline/room/port.ts': 'kept',
}

/** Names of constants that do not say what they bound. */
export const BANNED_CONSTANTS = ['MOST', 'LEAST', 'LONGEST', 'LARGEST', 'PATIENCE', 'GRACE', 'PAUSE']

/** Words of the product, which the kernel and the engines do not know: they stand in no identifier and no text there. */
export const PRODUCT_WORDS = ['approval', 'aside', 'budget', 'inbox', 'owner', 'pipeline', 'startedAt', 'root', 'usage']
export const WITHOUT_PRODUCT_WORDS = ['src/kernel/', 'src/engine/']
/** Names that others gave: tables of the Restate server. */
export const FOREIGN_WORDS = ['sys_inbox']

/** Files that may call `JSON.parse`: they read what we wrote, or need no numbers. All others read by `parseExact`, which loses no digits. */
export const PARSES_ITSELF = [
  'src/engine/',
  'src/kernel/',
  'src/agent/room/agents/stored-agents.ts',
  'src/memory/store/',
  'src/memory/tier/compress.ts',
  'src/observe/',
  'src/pipeline/room/compile/compile-in-thread.ts',
  'src/runtime/',
  'src/sandbox/',
  'src/secret/',
  'src/store/',
  'src/tested/room/files.ts',
  'src/testing/',
  'src/house/paging.ts',
  'src/lib/error-details.ts',
  'src/kernel/json.ts',
  'src/lib/package/manifest.ts',
  'src/cli/commands/author/init-files.ts',
  'src/http/routing/body.ts',
  'src/http/server/forwarded.ts',
  'src/http/wire/sse.ts',
  'src/model/provider/mend/reply.ts',
  'src/model/recorded/recording.ts',
  'src/model/recorded/reply-form.ts',
  'src/tool/chromium/pipe.ts',
  'src/tool/loaded/imported-files.ts',
  'src/tool/mcp/lock-file.ts',
  'src/tool/mcp/oauth/grant.ts',
  'src/tool/mcp/pins.ts',
  'src/tool/mcp/server.ts',
  'src/tool/mcp/trust.ts',
]
