import { loadConfig } from '../../config/config.ts'
import type { RuntimeParts } from '../../runtime/open/parts.ts'
import type { Runtime } from '../../runtime/ports.ts'
import { openServed } from '../server/served-runtime.ts'
import { type Conversation, type ConversationOptions, openConversation } from './conversation.ts'
import { createMounts, type Mounts } from './handler.ts'
import { type Prices, withPrices } from './prices.ts'
import type { AgentWith } from './reply.ts'

/** The parts of a program, and the place of its data. */
export type StartOptions = RuntimeParts & {
  /** the folder in which the search for antiphon.yaml begins, upwards; absent: the current folder. No file is needed */
  readonly folder?: string
  /** the data folder; absent: `.antiphon` in the project */
  readonly data?: string
  /** dollars for a million tokens, by model; a budget needs them. A price in antiphon.yaml comes first */
  readonly prices?: Prices
}

/** A runtime of a program. `await using` stops it. */
export interface App extends Runtime, Mounts, AsyncDisposable {
  /**
   * A handle on a conversation. Nothing is stored before its first message. The same id is the same conversation, also
   * in a later process.
   */
  conversation<Output = unknown>(
    agent: AgentWith<Output>,
    id: string,
    options?: ConversationOptions,
  ): Conversation<Output>
}

/**
 * Opens the runtime of a program and resumes the work that an earlier process left. An error of code `owned` names
 * another process that has the data folder.
 */
export async function start(options: StartOptions = {}): Promise<App> {
  const { folder = '.', data, prices = {}, ...parts } = options
  const written = await loadConfig({ folder, environment: process.env, ...(data !== undefined && { data }) })
  const config = withPrices(written, prices)
  const runtime = await openServed(config, parts)
  try {
    await runtime.engine.start()
  } catch (error) {
    await runtime.stop()
    throw error
  }
  const mounts = createMounts(runtime, config)
  return {
    ...runtime,
    ...mounts,
    conversation: (agent, id, options) => openConversation(runtime, agent, id, options),
    [Symbol.asyncDispose]: () => mounts.stop(),
  }
}
