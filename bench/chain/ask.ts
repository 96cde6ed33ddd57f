import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'
import { parse, stringify } from 'yaml'
import { createRuntime, is, loadConfig, type Runtime } from '../../src/index.ts'
import type { Models } from '../../src/model/models.ts'
import { createModels } from '../../src/model/registry.ts'
import type { Citation } from '../../src/model/request/request.ts'
import type { ChainQuestion } from './sets.ts'

/** The two ways to answer: the six phases, and one call of the same model with the whole files. */
export const METHODS = ['chain', 'one call'] as const
export type Method = (typeof METHODS)[number]

/** Lines of a file (absolute path), from 1 on. */
type Cited = { readonly file: string; readonly first: number; readonly last: number }

/** What a method made of a question. */
export type Reply = {
  readonly method: Method
  readonly text: string
  readonly refused: boolean
  readonly unsure: boolean
  /** parts of the question that the answer names as open */
  readonly open: number
  /** absent: this model does not cite */
  readonly cited?: readonly Cited[]
  /** the checks that failed; absent: none was made */
  readonly failed?: readonly string[]
  /** calls of the model */
  readonly calls: number
  readonly ms: number
}

export type Asking = {
  readonly model: string
  readonly embedder: 'offline' | 'none'
  /** the checks of the answers of the chain, such as `numbers` */
  readonly checks?: readonly string[] | undefined
  /** ends the asks with an error */
  readonly signal?: AbortSignal
  tell?(line: string): void
  onAsked?(asked: Asked): void
}

/** A question with the reply of each method. */
export type Asked = { readonly question: ChainQuestion; readonly replies: readonly Reply[] }

const ROOT = join(import.meta.dirname, '../..')
const NOTHING = 'The documents do not say.'
const INSTRUCTION = `Answer the question from the documents, complete and to the point. If they do not answer it, reply with exactly: ${NOTHING}`

/** Puts each question to both methods in turn, each ask on a thread of its own, after one that does not count. */
export async function askAll(questions: readonly ChainQuestion[], asking: Asking): Promise<readonly Asked[]> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-chain-'))
  const environment = asking.model.startsWith('offline/') ? {} : process.env
  const { model, embedder, checks, signal = new AbortController().signal } = asking
  await writeFile(join(folder, 'antiphon.yaml'), stringify({ model, embedder, roots: [ROOT], domains: readDomains() }))
  const config = await loadConfig({ folder, environment, metrics: true })
  const [runtime, models] = [await createRuntime(config), createModels(config, environment)]
  try {
    const asked: Asked[] = []
    const byMethod = {
      chain: (question: ChainQuestion, thread: string) => askChain(runtime, question, { thread, checks, signal }),
      'one call': (question: ChainQuestion) => askOnce(models, question, signal),
    }
    // one call first: it fails where an ask would wait for a model that cannot be reached
    for (const first of questions.slice(0, 1))
      for (const method of METHODS.toReversed()) await byMethod[method](first, 'warm-up')
    for (const [n, question] of questions.entries()) {
      asking.tell?.(`${n + 1} of ${questions.length}: ${question.question}`)
      // the second method finds texts that were embedded for the first one, so they take turns
      const replies: Reply[] = []
      for (const method of n % 2 === 0 ? METHODS : METHODS.toReversed())
        replies.push(await byMethod[method](question, `q${n}`))
      asked.push({ question, replies })
      asking.onAsked?.({ question, replies })
    }
    return asked
  } finally {
    await runtime.stop()
    await models.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** The domains of the examples. Here the files of their texts come from the questions. */
function readDomains(): { readonly [name: string]: object } {
  const folder = join(ROOT, 'examples/domains')
  const { domains } = parse(readFileSync(join(folder, 'antiphon.yaml'), 'utf8')) as {
    readonly domains: { readonly [name: string]: { readonly sources: unknown; readonly terms: string } }
  }
  return Object.fromEntries(
    Object.entries(domains).map(([name, { sources: _, terms, ...domain }]) => {
      return [name, { ...domain, terms: join(folder, terms) }]
    }),
  )
}

async function askChain(
  runtime: Runtime,
  { question, files, domain }: ChainQuestion,
  { thread, checks, signal }: Pick<Asking, 'checks'> & { readonly thread: string; readonly signal: AbortSignal },
): Promise<Reply> {
  const [calls, from] = [callsOf(runtime), performance.now()]
  const reply = async () => {
    try {
      const {
        answer,
        citations,
        parts = [],
        unsure = false,
        checks: results = [],
      } = await runtime.threads.ask(
        { prompt: question, thread, files, ...(domain !== undefined && { domain }), ...(checks && { checks }) },
        { signal },
      )
      const cited = citations.map(({ file, line, endLine }) => ({ file, first: line, last: endLine }))
      const open = parts.filter(({ answered }) => !answered).length
      const failed = checks && results.flatMap(({ check, faults }) => (faults.length > 0 ? [check] : []))
      return { text: answer, refused: false, unsure, open, cited, ...(failed && { failed }) }
    } catch (error) {
      if (!is(error) || error.code !== 'refused') throw error
      return { text: error.message, refused: true, unsure: false, open: 0, cited: [] }
    }
  }
  const replied = await reply()
  const ms = performance.now() - from
  return { method: 'chain', ...replied, calls: callsOf(runtime) - calls, ms }
}

async function askOnce(models: Models, { question, files }: ChainQuestion, signal: AbortSignal): Promise<Reply> {
  const from = performance.now()
  const documents = await Promise.all(
    files.map(async (file) => ({ name: basename(file), text: await readFile(file, 'utf8') })),
  )
  const task = { kind: 'answer', question } as const
  const reply = await models.generate({ task, documents, instruction: `${INSTRUCTION}\n\n${question}` }, { signal })
  const placeOf = ({ document, start, end }: Citation): readonly Cited[] => {
    const at = documents.findIndex(({ name }) => name === document)
    if (at < 0 || start === undefined || end === undefined) return []
    const lineAt = (offset: number) => documents[at]!.text.slice(0, offset).split('\n').length
    return [{ file: files[at]!, first: lineAt(start), last: lineAt(end) }]
  }
  return {
    method: 'one call',
    text: reply.text,
    refused: reply.refused !== undefined || reply.text.trim().startsWith(NOTHING.slice(0, -1)),
    unsure: reply.unsure === true,
    open: 0,
    ...(reply.model.startsWith('offline/') && { cited: reply.citations.flatMap(placeOf) }),
    calls: 1,
    ms: performance.now() - from,
  }
}

/** The calls of models that this runtime has made. */
function callsOf({ inspector }: Runtime): number {
  const counts = inspector.metrics().matchAll(/^gen_ai_client_operation_duration_seconds_count\S* (\d+)/gm)
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
}

/** A question and its replies in one line each, for people. */
export function describeAsked({ question: { kind, question, files }, replies }: Asked): string {
  const name = files.map((file) => relative(ROOT, file)).join(' ')
  const lines = replies.map(({ method, refused, text }) => {
    return `    ${method}: ${refused ? 'refused: ' : ''}${text.replace(/\s+/g, ' ').slice(0, 160)}`
  })
  return [`  ${kind} | ${name} | ${question}`, ...lines].join('\n')
}
