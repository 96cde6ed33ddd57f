import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Setup } from '../../src/cli/cli.ts'
import { localTime } from '../../src/cli/terminal/format.ts'
import type { Terminal } from '../../src/cli/terminal/terminal.ts'
import type { Client } from '../../src/http/client/client.ts'
import type { RuntimeStatus } from '../../src/runtime/ports/maintenance.ts'
import type { Answer } from '../../src/thread/room/port.ts'
import { answerLines, findingLines, nextLines, type Outputs, proofLine } from './ending.ts'
import { firstStart, lengthOf, readLedger } from './ledger.ts'
import { type Before, beforeKill, holds, prove } from './proof.ts'
import { DOCUMENTS, QUESTIONS } from './questions.ts'
import { openScreen, type Screen } from './screen.ts'
import { endSession, openSession, type Session } from './session.ts'
import { type Ask, isHalf, type Seen, watchAsk, watchCommits, watchRun } from './watch.ts'

export type Demonstration = {
  readonly root: string
  readonly setup: Setup
  readonly terminal: Terminal
  readonly kill: boolean
  /** aborted when a person wants it to stop */
  readonly signal: AbortSignal
  header(model: RuntimeStatus['model']): void
}

type Work = { readonly run: string; readonly asks: readonly Ask[]; readonly ledger: string }
type Stage = { readonly screen: Screen; readonly seen: Seen; readonly signal: AbortSignal }
/** What was durable when the runner was killed, and the ms from then until a tool was at work again. */
type Recovery = { readonly before: Before; readonly resumed: number | undefined }

/** Runs the audit and the questions, with a kill halfway; resolves with the exit code. */
export async function demonstrate(demo: Demonstration): Promise<number> {
  const { root, setup, terminal, signal } = demo
  const work = planWork(demo)
  let session = await openSession(root, setup)
  demo.header((await session.client.status()).model)
  await nameLeftovers(session.client, terminal)
  const stage = { screen: openScreen(terminal), seen: new Map(), signal }
  try {
    let recovery: Recovery | undefined
    await startRun(session.client, demo, work)
    const killed = demo.kill ? await killHalfWay(session, work, stage) : undefined
    if (killed !== undefined && !signal.aborted) {
      session = await openSession(root, setup)
      recovery = await goOn(session.client, work, killed, signal)
    }
    const answers = signal.aborted ? undefined : await finish(session.client, work, stage)
    stage.screen.close()
    if (!answers || signal.aborted) return sayInterrupted(terminal, work)
    return await report(session.client, demo, work, answers, recovery)
  } catch (error) {
    stage.screen.close()
    // the runner hears a Ctrl-C too: that it is gone then is no error
    if (signal.aborted) return sayInterrupted(terminal, work)
    throw error
  } finally {
    stage.screen.close()
    await endSession(session)
  }
}

function planWork({ root, setup }: Demonstration): Work {
  const files = DOCUMENTS.map((path) => join(root, path))
  const run = `run_${randomUUID()}`
  return {
    run,
    asks: QUESTIONS.map((question) => ({ ...question, files, id: `ask_${randomUUID()}` })),
    ledger: join(setup.data, `${run}.ledger`),
  }
}

/** What an earlier start left is said, and left alone. */
async function nameLeftovers(client: Client, { say }: Terminal): Promise<void> {
  for (const { id, name, startedAt } of await client.runs.list({ status: 'running' })) {
    say(`Left over from ${localTime(startedAt)}: ${name}, not finished. To continue it: npx antiphon resume ${id}`)
  }
}

async function startRun(client: Client, { root }: Demonstration, { run, ledger }: Work): Promise<void> {
  await client.runs.start({ id: run, file: join(root, 'examples/audit.yaml'), inputs: { ledger } })
}

/** Kills the runner when half of the steps have finished; resolves with that moment, or undefined when it did not come to it. */
async function killHalfWay(session: Session, work: Work, stage: Stage): Promise<number | undefined> {
  const { runner, client, leave } = session
  const over = new AbortController()
  watchCommits(client, stage.screen, over.signal)
  // these fail when the runner is killed, and are put again under the same ids
  for (const ask of work.asks) watchAsk(client, ask, stage).catch(() => {})
  const came = await watchRun(client, work.run, stage, isHalf)
  over.abort()
  if (came !== 'enough') return undefined
  const killed = performance.now()
  runner.signal('SIGKILL')
  await Promise.all([leave(), runner.exited])
  const { done, total } = stage.screen.run
  stage.screen.say(`  SIGKILL to the runner, process ${runner.pid}, after ${done} of ${total} steps; starting it again`)
  return killed
}

/** Lets the new runner take the run up, and sees how long that took. */
async function goOn(client: Client, { run, ledger }: Work, killed: number, signal: AbortSignal): Promise<Recovery> {
  const before = beforeKill(await client.runs.get(run), readLedger(ledger))
  const seen = firstStart(ledger, lengthOf(ledger), AbortSignal.any([signal, AbortSignal.timeout(10_000)]))
  await client.runs.resume(run)
  const at = await seen
  return { before, resumed: at === undefined ? undefined : at - killed }
}

/** Shows both to their end; undefined when a person stopped it. */
async function finish(client: Client, work: Work, stage: Stage): Promise<readonly Answer[] | undefined> {
  const over = new AbortController()
  watchCommits(client, stage.screen, over.signal)
  try {
    const asked = Promise.all(work.asks.map((ask) => watchAsk(client, ask, stage)))
    const [came, answers] = await Promise.all([watchRun(client, work.run, stage, () => false), asked])
    return came === 'over' ? answers : undefined
  } catch (error) {
    if (stage.signal.aborted) return undefined
    throw error
  } finally {
    over.abort()
  }
}

async function report(
  client: Client,
  demo: Demonstration,
  work: Work,
  answers: readonly Answer[],
  recovery: Recovery | undefined,
): Promise<number> {
  const { terminal, root } = demo
  const run = await client.runs.get(work.run)
  if (run.status !== 'completed' || !run.outputs) {
    terminal.say(`The audit ended as ${run.status}. See: npx antiphon runs --json`)
    return 1
  }
  const outputs = run.outputs as unknown as Outputs
  for (const line of findingLines(outputs)) terminal.out(line)
  for (const [index, answer] of answers.entries())
    for (const line of answerLines(QUESTIONS[index]!.prompt, answer, root)) terminal.out(line)
  terminal.out(`Report: ${outputs.written.markdown}, ${outputs.written.json}`)
  const proof = recovery && prove(run, recovery.before, readLedger(work.ledger))
  if (proof) terminal.out(proofLine(proof, recovery.resumed))
  for (const line of nextLines()) terminal.out(line)
  return !proof || holds(proof) ? 0 : 1
}

function sayInterrupted({ say }: Terminal, { run }: Work): number {
  say(`Interrupted. What was done is kept. To continue: npx antiphon resume ${run}`)
  return 130
}
