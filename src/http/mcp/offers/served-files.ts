import { createHash } from 'node:crypto'
import { basename, join, resolve } from 'node:path'
import { readFrontMatter } from '../../../agent/definition/front-matter.ts'
import { findAgentFile } from '../../../agent/room/files/agent-files.ts'
import { readSkills } from '../../../agent/room/files/read-skills.ts'
import type { McpServing } from '../../../config/mcp-serving.ts'
import { InvalidError, is, TerminalError } from '../../../errors.ts'
import { readPlainFile } from '../../../lib/encoding/plain-file.ts'
import { attempt } from '../../../lib/flow/attempt.ts'
import { bundlePipeline, bundlePipelineNow } from '../../../pipeline/language/source/bundle.ts'
import { canonicalJson } from '../../../store/cache/key.ts'

type Bundle = Awaited<ReturnType<typeof bundlePipeline>>
type Pins = { readonly [name: string]: Promise<string> }

/** The digests of the offered files as they were when the server started, by file or `agent:NAME`. */
const pinsOf = new WeakMap<McpServing, Pins>()

/** Pins the offered pipelines with all that they include, and the offered agents. Later calls use the first pins. */
export function pinServedFiles(serving: McpServing): Pins {
  const known = pinsOf.get(serving)
  if (known) return known
  const { pipelines, agents, project } = serving
  const pins = Object.fromEntries([
    ...pipelines.map((file) => [file, Promise.resolve(digestNow(file, project))] as const),
    ...agents.map((name) => [`agent:${name}`, agentDigest(name, project)] as const),
  ])
  pinsOf.set(serving, pins)
  return pins
}

/** An offered pipeline with its files, and a check that throws `file_changed` unless all are as at the start. */
type ServedPipeline = { readonly bundle: Bundle; checkPin(): void }

export async function readServedPipeline(file: string, serving: McpServing): Promise<ServedPipeline> {
  const shown = basename(file)
  const pin = await pinServedFiles(serving)[file]
  const bundle = await bundlePipeline(file, shown, serving.project).catch((error: NodeJS.ErrnoException) => {
    throw is(error) ? error : unreadable(shown, error)
  })
  return {
    bundle,
    checkPin() {
      if (digestOf(bundle) !== pin) throw changed(shown)
    },
  }
}

/** @throws TerminalError `file_changed` when the files of an offered agent have changed since the server started */
export async function checkServedAgent(name: string, serving: McpServing): Promise<void> {
  const pin = await pinServedFiles(serving)[`agent:${name}`]
  if ((await agentDigest(name, serving.project)) !== pin) throw changed(`the agent ${name}`)
}

// before the first call can change a file
const digestNow = (file: string, project: string): string =>
  attempt(() => digestOf(bundlePipelineNow(file, basename(file), project)), ABSENT)

/** The digest of an agent's file, of AGENTS.md, of the skills and of the playbooks. */
async function agentDigest(name: string, project: string): Promise<string> {
  const file = await findAgentFile(name, project).catch(() => undefined)
  if (file === undefined) return ABSENT
  const texts = await Promise.all(
    [file, 'AGENTS.md'].map((one) => readPlainFile(join(project, one)).then(String, absent)),
  )
  const front = readFrontMatter(texts[0]!, file)
  const own = 'head' in front && typeof front.head.playbook === 'string' ? [front.head.playbook] : []
  const skills = (await readSkills(project)).flatMap((found) => ('skill' in found ? [found.skill] : []))
  const playbooks = [...own, ...skills.flatMap(({ playbook }) => playbook ?? [])].map((path) =>
    bundlePipeline(resolve(project, path), path, project).then(digestOf, absent),
  )
  return digestOf([file, texts, skills, await Promise.all(playbooks)])
}

const ABSENT = 'absent'
const absent = () => ABSENT
const digestOf = (value: unknown) =>
  createHash('sha256')
    .update(canonicalJson(value as never))
    .digest('hex')

const changed = (what: string) =>
  new TerminalError(`${what} has changed since this server started, so it waits for a person.`, {
    code: 'file_changed',
    hint: 'A person has to look at the change, and restart the server to accept it.',
  })

function unreadable(file: string, cause: NodeJS.ErrnoException): InvalidError {
  const reason = cause.code === 'ENOENT' ? 'it does not exist' : String(cause.code)
  return new InvalidError(`${file} cannot be read: ${reason}`, {
    hint: '`mcp: serve:` in antiphon.yaml names it.',
    cause,
  })
}
