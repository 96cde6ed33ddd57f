/** Our tools for the names of tools that other products use. */
const TOOLS_BY_NAME: { readonly [name: string]: readonly string[] } = {
  Read: ['filesystem:read'],
  Write: ['filesystem:write'],
  Edit: ['filesystem:edit'],
  Grep: ['filesystem:search'],
  Glob: ['filesystem:list', 'filesystem:search'],
  Bash: ['terminal'],
  WebFetch: ['headless-browser'],
  WebSearch: ['web-search'],
}

/** The tools of an agent of another product whose file names none. */
export const STANDARD_TOOLS: readonly string[] = [...new Set(Object.values(TOOLS_BY_NAME).flat())]

/** The tools of an agent of antiphon whose file names none: they look, and change nothing. */
export const LOOKING_TOOLS: readonly string[] = [
  ...new Set(['Read', 'Grep', 'Glob', 'WebSearch'].flatMap((name) => TOOLS_BY_NAME[name]!)),
]

const READ = ['filesystem:read']
const CHANGE = ['filesystem:edit', 'filesystem:write']
const FIND = ['filesystem:list', 'filesystem:search']
const WEB = ['headless-browser', 'web-search']
const SHELL = ['terminal']

/** Further names, in lower case: sets and single tools of VS Code and GitHub, and older names. */
const ALIASES: { readonly [name: string]: readonly string[] } = {
  read: READ,
  'read/readfile': READ,
  readfile: READ,
  notebookread: READ,
  edit: CHANGE,
  'edit/editfiles': CHANGE,
  editfiles: CHANGE,
  multiedit: ['filesystem:edit'],
  write: ['filesystem:write'],
  createfile: ['filesystem:write'],
  'edit/createfile': ['filesystem:write'],
  createdirectory: ['filesystem:mkdir'],
  'edit/createdirectory': ['filesystem:mkdir'],
  search: FIND,
  codebase: FIND,
  'search/codebase': FIND,
  glob: FIND,
  filesearch: FIND,
  'search/filesearch': FIND,
  grep: ['filesystem:search'],
  textsearch: ['filesystem:search'],
  'search/textsearch': ['filesystem:search'],
  ls: ['filesystem:list'],
  listdirectory: ['filesystem:list'],
  'search/listdirectory': ['filesystem:list'],
  execute: SHELL,
  shell: SHELL,
  bash: SHELL,
  powershell: SHELL,
  runcommands: SHELL,
  runinterminal: SHELL,
  'execute/runinterminal': SHELL,
  'runcommands/runinterminal': SHELL,
  web: WEB,
  fetch: ['headless-browser'],
  'web/fetch': ['headless-browser'],
  webfetch: ['headless-browser'],
  websearch: ['web-search'],
}

/** Tools of other products, in lower case, without a counterpart here. A name with `/` stands for tools of its set. */
const WITHOUT_COUNTERPART: ReadonlySet<string> = new Set([
  ...[
    'agent',
    'agent/',
    'askuserquestion',
    'bashoutput',
    'browser',
    'browser/',
    'changes',
    'custom-agent',
    'enterplanmode',
  ],
  ...[
    'exitplanmode',
    'execute/',
    'extensions',
    'findtestfiles',
    'githubrepo',
    'killbash',
    'killshell',
    'lsp',
    'monitor',
  ],
  ...['new', 'notebookedit', 'opensimplebrowser', 'problems', 'read/', 'runnotebooks', 'runtasks', 'runtests'],
  ...['search/', 'searchresults', 'sendmessage', 'skill', 'slashcommand', 'task', 'taskcreate', 'taskget', 'tasklist'],
  ...['taskoutput', 'taskstop', 'taskupdate', 'terminallastcommand', 'terminalselection', 'testfailure', 'todo'],
  ...['todo/', 'todoread', 'todos', 'todowrite', 'toolsearch', 'usages', 'vscode', 'vscode/', 'vscodeapi', 'web/'],
  ...['edit/', 'githubtextsearch', 'listmcpresourcestool', 'newworkspace', 'readmcpresourcetool', 'runcommands/'],
  ...['runnotebooks/', 'runsubagent', 'runtasks/'],
])

/** Our tools for a name of another product; empty when it has no counterpart; undefined for a name of none of them. */
export function toolsOfName(name: string): readonly string[] | undefined {
  const plain = name.toLowerCase()
  if (Object.hasOwn(TOOLS_BY_NAME, name)) return TOOLS_BY_NAME[name]
  if (Object.hasOwn(ALIASES, plain)) return ALIASES[plain]
  return WITHOUT_COUNTERPART.has(plain) || WITHOUT_COUNTERPART.has(plain.slice(0, plain.indexOf('/') + 1))
    ? []
    : undefined
}

/** Names that an author may have meant. */
export const FOREIGN_TOOL_NAMES: readonly string[] = Object.keys(TOOLS_BY_NAME)
