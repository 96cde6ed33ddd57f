import { isInterruption } from '../kernel/interrupt.ts'
import type { Call, Effects } from '../kernel/types.ts'
import type { ModelReply } from '../model/spec.ts'
import type { Assignment } from '../model/task.ts'
import { clip } from './bounded.ts'
import type { ChainLimits } from './limits.ts'
import type { Hands } from './phase-port.ts'
import type { ChainServices } from './ports.ts'
import { retrieve } from './sources.ts'
import type { ModelChoice, PhaseInput, PhaseName } from './types.ts'

/** Characters of one reply that are kept. */
const REPLY_SIZE = 64 * 1024

/** What hands reach into. */
export type World = { readonly services: ChainServices; readonly limits: ChainLimits; readonly effects: Effects }

/** The hands of one phase in one turn; `heard` gets each reply that came back. */
export function handsFor(world: World, name: PhaseName, input: PhaseInput, heard: (reply: ModelReply) => void): Hands {
  const { services, effects } = world
  const models = modelsFor(input.models, name)
  return {
    offline: isOffline(services, models[0]),
    async think(assignment, { aloud = false } = {}) {
      const emit = aloud ? (text: string) => effects.emit({ type: 'text-delta', phase: name, text }) : undefined
      const reply = await askModels(world, assignment, models, emit)
      heard(reply)
      return reply
    },
    retrieve: (question) => effects.run('read', (call) => search(world, input, question, call), { effect: 'pure' }),
  }
}

function search({ services, limits }: World, { sources, outputs }: PhaseInput, question: string, call: Call) {
  const known = outputs['experience.vectors']?.hits ?? []
  return services.pool.submit({
    signal: call.signal,
    key: call.idempotencyKey,
    run: (signal) => retrieve({ ...services, limits }, { question, sources, known, signal }),
  })
}

/** The models of a phase in the order they are tried; one `undefined` stands for the default model. */
function modelsFor(choice: ModelChoice, name: PhaseName): readonly (string | undefined)[] {
  const chosen = choice[name] ?? choice[name.split('.')[0]!] ?? choice.default
  if (chosen === undefined || chosen.length === 0) return [undefined]
  return typeof chosen === 'string' ? [chosen] : chosen
}

function isOffline({ models }: ChainServices, id: string | undefined): boolean {
  return id === undefined ? (models.default?.offline ?? false) : id.startsWith('offline/')
}

type Emit = ((text: string) => void) | undefined

/** Each model is an effect of its own: the next one is asked only once the one before it has failed for good. */
async function askModels(
  { services, effects }: World,
  assignment: Assignment,
  models: readonly (string | undefined)[],
  emit: Emit,
): Promise<ModelReply> {
  for (const [place, model] of models.entries()) {
    const name = place === 0 ? 'model' : `model-${place + 1}`
    try {
      return await effects.run(name, (call) => askModel(services, call, assignment, model, emit))
    } catch (error) {
      if (isInterruption(error) || place === models.length - 1) throw error
    }
  }
  throw new TypeError('no model to ask')
}

async function askModel(
  { models, pool }: ChainServices,
  call: Call,
  assignment: Assignment,
  model: string | undefined,
  emit: Emit,
) {
  const request = { ...assignment, ...(model !== undefined && { model }) }
  const reply = await pool.submit({
    signal: call.signal,
    key: call.idempotencyKey,
    run: (signal) => models.generate(request, { signal, ...(emit && { onDelta: emit }) }),
  })
  return { ...reply, text: clip(reply.text, REPLY_SIZE) }
}
