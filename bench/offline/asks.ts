import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRuntime, is, loadConfig } from '../../src/index.ts'
import type { Runtime } from '../../src/runtime/ports.ts'
import type { Answer } from '../../src/thread/room/port.ts'
import { type Asked, type AskedSet, readAsked } from './asked.ts'
import { type Sample, sampleOf } from './sample.ts'

/** What `ask` made of a question: an answer, one that it is not sure of, or a refusal. */
export type Outcome = {
  readonly asked: Asked
  readonly outcome: 'answered' | 'not sure' | 'refused'
  /** whether it cites the sentence that answers */
  readonly right: boolean
  readonly text: string
}

/** Puts each question of a set to its document, as `antiphon ask --file` does, each on a thread of its own. */
export async function askAll(set: AskedSet, embedder: 'offline' | 'none'): Promise<readonly Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-asks-'))
  await writeFile(join(folder, 'antiphon.yaml'), `model: offline/extractive\nembedder: ${embedder}\n`)
  const runtime = await createRuntime(await loadConfig({ folder, environment: {} }), {})
  try {
    const outcomes: Outcome[] = []
    for (const [n, asked] of readAsked(set).entries()) outcomes.push(await askOne(runtime, asked, `q${n}`))
    return outcomes
  } finally {
    await runtime.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function askOne(runtime: Runtime, asked: Asked, thread: string): Promise<Outcome> {
  const { question, document } = asked
  try {
    const answer = await runtime.threads.ask({ prompt: question, thread, texts: [document] })
    const outcome = answer.unsure ? 'not sure' : 'answered'
    return { asked, outcome, right: holdsAnswer(answer, asked), text: answer.answer }
  } catch (error) {
    if (!is(error) || error.code !== 'refused') throw error
    return { asked, outcome: 'refused', right: false, text: error.message }
  }
}

function holdsAnswer({ citations }: Answer, { document, answers }: Asked): boolean {
  return citations.some(({ text }) => {
    const start = document.text.indexOf(text)
    return start >= 0 && answers.some((answer) => answer.start < start + text.length && start < answer.end)
  })
}

/** How often a question that its text answers is answered rightly, and one that it does not answer is refused. */
export function measureAsks(outcomes: readonly Outcome[], method: string): readonly Sample[] {
  const among = (isAnswered: boolean) => outcomes.filter(({ asked }) => asked.answers.length > 0 === isAnswered)
  const tell = ({ asked, outcome, text }: Outcome) =>
    `${asked.document.name} | ${asked.question} → ${outcome}: ${text.slice(0, 120)}`
  const sample = (measure: string, from: readonly Outcome[], isRight: (one: Outcome) => boolean) =>
    sampleOf({ task: 'asks', measure, method }, from, isRight, tell)
  return [
    sample('right', among(true), ({ right }) => right),
    sample('right and sure', among(true), ({ right, outcome }) => right && outcome === 'answered'),
    sample('kept', among(true), ({ outcome }) => outcome !== 'refused'),
    sample('unanswerable refused', among(false), ({ outcome }) => outcome === 'refused'),
    sample('unanswerable not answered as sure', among(false), ({ outcome }) => outcome !== 'answered'),
    sample('not wrong and sure', outcomes, ({ right, outcome }) => right || outcome !== 'answered'),
  ]
}
