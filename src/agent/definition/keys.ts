import type { Json } from '../../kernel/json.ts'
import { ownValue } from '../../lib/own.ts'
import { nearestWord } from '../../lib/suggest.ts'
import { hintFor, type ReportAgentFinding } from './finding.ts'

const SPELLINGS: { readonly [key: string]: string } = { 'mcp-servers': 'mcpServers' }

export function spellingOf(key: string): string | undefined {
  return Object.keys(SPELLINGS).find((spelling) => SPELLINGS[spelling] === key)
}

/** Keys of other products. They have no effect here. */
const FOREIGN_KEYS: ReadonlySet<string> = new Set([
  ...['agent', 'argument-hint', 'background', 'color', 'disable-model-invocation', 'effort', 'handoffs', 'hidden'],
  ...['hooks', 'infer', 'initialPrompt', 'isolation', 'license', 'memory', 'metadata', 'mode', 'permissionMode'],
  ...['tags', 'target', 'title', 'user-invocable', 'user-invokable', 'version'],
])

/** Modes of `permissionMode` that give no more rights than an agent has here. */
const HARMLESS_MODES: readonly Json[] = ['default', 'manual', 'plan']

/** Keys of other products that let calls be made without being asked for. */
const WIDENING_KEYS: ReadonlySet<string> = new Set([
  ...['allowDangerouslySkipPermissions', 'allow-all-tools', 'allowAllTools', 'autoApprove', 'auto-approve'],
  ...['bypassPermissions', 'dangerously-skip-permissions', 'dangerouslySkipPermissions', 'permissions'],
])

/** Our keys of a front matter, under our spelling. Reports foreign, unknown and unused keys, and widened rights. */
export function ownKeys(
  head: { readonly [key: string]: Json },
  known: readonly string[],
  report: ReportAgentFinding,
): { readonly [key: string]: Json } {
  const own: { [key: string]: Json } = {}
  for (const [key, value] of Object.entries(head)) {
    const meant = ownValue(SPELLINGS, key) ?? key
    // in another product it is a word, such as `memory: project`
    const isForeign = meant === 'memory' && typeof value === 'string'
    if (known.includes(meant) && !isForeign) own[meant] = value
    else reportKey(key, value, known, report)
  }
  return own
}

/** Whether a front matter forbids models to choose this agent or skill. Any value but `false` forbids it. */
export function isManual(head: { readonly [key: string]: Json }): boolean {
  const given = head['disable-model-invocation'] ?? false
  return given !== false && String(given).trim().toLowerCase() !== 'false'
}

function reportKey(key: string, value: Json, known: readonly string[], report: ReportAgentFinding): void {
  if (widensRights(key, value))
    report('error', [key], `\`${key}: ${short(value)}\` would widen the rights of the agent`, { hint: RIGHTS })
  else if (key === 'permissionMode' && value === 'plan')
    report('warning', [key], '`permissionMode: plan` is ignored', {
      hint: 'Name only tools that read, as in `tools: Read, Grep, Glob`.',
    })
  else if (FOREIGN_KEYS.has(key)) report('info', [key], `\`${key}\` is ignored`, { key: true })
  else
    report('warning', [key], `the key \`${key}\` is unknown and is ignored`, {
      key: true,
      hint: hintFor(nearestWord(key, [...known, ...FOREIGN_KEYS]), `Known keys: ${known.join(', ')}.`),
    })
}

const RIGHTS = 'Calls that may do harm wait for a person. `approve` says which calls wait.'

function widensRights(key: string, value: Json): boolean {
  if (key === 'permissionMode') return !HARMLESS_MODES.includes(value)
  return WIDENING_KEYS.has(key) && value !== false
}

function short(value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}

/** Folders of other products, at any depth. */
const PRODUCT_FOLDERS: readonly string[] = ['.claude', '.github']

/** Endings of the names of their files. */
const PRODUCT_ENDINGS: readonly string[] = ['.agent.md', '.chatmode.md']

/** Keys that other products have for the file of an agent, and no other kind of file. */
const PRODUCT_KEYS: ReadonlySet<string> = new Set([
  ...['argument-hint', 'color', 'disable-model-invocation', 'handoffs', 'hooks', 'infer', 'mcp-servers', 'mode'],
  ...['permissionMode', 'target', 'user-invocable', 'user-invokable'],
])

/** The folder, ending or key for which an agent's file counts as written for another product; undefined: none. */
export function productOf(file: string, keys: readonly string[]): string | undefined {
  const [name = '', ...folders] = file.split(/[/\\]/).toReversed()
  const folder = folders.find((one) => PRODUCT_FOLDERS.includes(one))
  if (folder !== undefined) return `it is in ${folder}`
  const ending = productEnding(name)
  if (ending !== undefined) return `its name ends with ${ending}`
  const key = keys.find((one) => PRODUCT_KEYS.has(one))
  return key && `it has the key \`${key}\``
}

/** The ending of a file's name that only other products have. */
export const productEnding = (file: string) => PRODUCT_ENDINGS.find((one) => file.endsWith(one))
