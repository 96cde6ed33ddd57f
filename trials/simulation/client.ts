import type { DeadLetter, Engine } from '../../src/engine/engine.ts'
import { problemOf } from '../../src/errors.ts'
import { deriveId } from '../../src/kernel/commit.ts'
import { nameOf } from '../../src/kernel/ref.ts'
import type { Json } from '../../src/kernel/schema.ts'
import type { ActorRef } from '../../src/kernel/types.ts'
import type { ClientRequest, EngineAnswer, SimulationLedger } from './check/ledger.ts'
import { observeActor } from './check/look.ts'
import type { ClientCommand } from './plan/plan.ts'
import type { SeededRandom } from './plan/random.ts'
import type { EngineLife } from './world/life.ts'
import type { StepScheduler } from './world/scheduler.ts'

/** An engine that accepts work; `closing` as soon as it stops or has failed. */
export type RunningEngine = { readonly life: EngineLife; readonly engine: Engine; closing: boolean }

type ClientSettings = {
  readonly name: string
  readonly commands: readonly ClientCommand[]
  readonly random: SeededRandom
  readonly scheduler: StepScheduler
  readonly ledger: SimulationLedger
  /** Resolves when an engine accepts work. */
  whenOpen(): Promise<RunningEngine>
}

/** Maximum retries of a client that does not know the outcome of a request. */
const RETRY_CHANCE = 0.75

/**
 * A client: it sends one command after the other. When a crash took
 * the answer, it mostly sends the command again under the same id.
 */
export async function runClient({
  name,
  commands,
  random,
  scheduler,
  ledger,
  whenOpen,
}: ClientSettings): Promise<void> {
  let last: ClientRequest | undefined

  for (const [n, command] of commands.entries()) {
    await scheduler.turn(`${name} ${JSON.stringify(command)}`)
    await follow(command, `${name}.${n}`)
  }

  async function follow(command: ClientCommand, id: string): Promise<void> {
    if (isRequest(command)) last = begin(command, id)
    if (command.type === 'leave') void send(await whenOpen(), begin({ ...command, type: 'ask' }, id))
    else if (command.type === 'cancel') await cancel(last)
    else if (command.type === 'look') await watch(command.at)
    else if (command.type === 'pause') await scheduler.turn(`${name} goes on`, { delay: command.ms })
    else if (command.type === 'retry' || command.type === 'drop') await clear(command.type)
    else if (last) await insist(last)
  }

  function begin(command: RequestCommand, id: string): ClientRequest {
    const request = { id, body: null, ...command, begun: scheduler.steps }
    ledger.begin(request)
    return request
  }

  async function insist(request: ClientRequest): Promise<void> {
    while (!(await send(await whenOpen(), request))) if (!random.chance(RETRY_CHANCE)) return
  }

  // false: the outcome is unknown
  async function send(opened: RunningEngine, request: ClientRequest): Promise<boolean> {
    const answer = await awaitAnswer(opened, sendRequest(opened.engine, request))
    if (answer) ledger.acknowledge(request, answer, scheduler.steps)
    return answer !== undefined
  }

  async function cancel(request: ClientRequest | undefined): Promise<void> {
    if (!request) return
    const opened = await whenOpen()
    const isCalledOff = ledger.callOff(nameOf(request.to), request.id)
    const done = await awaitAnswer<unknown>(opened, opened.engine.cancel(request.to, request.id, 'called off'))
    if (done && 'value' in done) isCalledOff()
  }

  async function watch(at: ActorRef): Promise<void> {
    const opened = await whenOpen()
    const pause = () => scheduler.turn(`${name} has looked`, { life: opened.life })
    const seen = await awaitAnswer(opened, observeActor(opened.engine.view, at, pause))
    if (!seen || 'problem' in seen) return
    if (seen.value.state) ledger.standing.add(nameOf(at), seen.value.state.taken, seen.value.events)
    await listLetters(opened)
  }

  async function listLetters(opened: RunningEngine): Promise<readonly DeadLetter[]> {
    const show = ledger.listing()
    const letters = await awaitAnswer(opened, opened.engine.deadLetters.list())
    if (!letters || 'problem' in letters) return []
    show(letters.value)
    return letters.value
  }

  async function clear(how: 'retry' | 'drop'): Promise<void> {
    const opened = await whenOpen()
    const [oldest] = await listLetters(opened)
    if (!oldest) return
    const { id, letter } = oldest
    ledger.settled.add(id)
    const cleared = await awaitAnswer<unknown>(opened, opened.engine.deadLetters[how](id))
    if (cleared && 'value' in cleared && how === 'retry')
      ledger.owed.set(deriveId(id, 'retry'), { to: letter.to, work: letter.correlationId })
  }
}

type RequestCommand = Extract<ClientCommand, { type: ClientRequest['type'] }>

const isRequest = (command: ClientCommand): command is RequestCommand =>
  ['tell', 'ask', 'stop', 'resume'].includes(command.type)

/** The result of a call; undefined if the engine ended first. */
export async function awaitAnswer<T>(opened: RunningEngine, said: Promise<T>): Promise<EngineAnswer<T> | undefined> {
  const answer = await Promise.race([
    said.then(
      (value) => ({ value }),
      (error) => ({ problem: `${problemOf(error).code}: ${problemOf(error).message}` }),
    ),
    opened.life.ended.then(() => undefined),
  ])
  const isOver = !opened.life.alive || (opened.closing && answer && 'problem' in answer)
  return isOver ? undefined : answer
}

export async function sendRequest(engine: Engine, { id, type, to, body, delay }: ClientRequest): Promise<Json> {
  if (type === 'ask') return engine.ask(to, body, { id })
  const as = type === 'tell' ? undefined : { type }
  await engine.tell(to, body, { id, ...as, ...(delay !== undefined && { delay }) })
  return null
}
