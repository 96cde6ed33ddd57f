import type { AgentDefinition } from '../../../src/agent/definition/definition.ts'
import type { Said } from './turns.ts'
import type { WireName } from './wires.ts'

/** A person who talks with an agent of one wire. */
export interface Person {
  /** Sends a message, and waits for its answer. */
  say(text: string, more?: object): Promise<unknown>
  /** Sends a message. */
  post(text: string, more?: object): Promise<unknown>
  /** Waits until the tool `wait` has begun. */
  began(): Promise<unknown>
  /** Waits until the model has been asked so often. */
  asked(times: number): Promise<unknown>
  /** Lets the tool `wait`, or a held reply, go on. */
  release(): void
  stop(): Promise<unknown>
  /** Answers the next approval. */
  answer(action: 'approve' | 'reject'): Promise<unknown>
  /** Talks with an agent of another wire from now on, or of one that has several models. */
  change(...to: readonly (WireName | 'own')[]): void
}

/** A conversation: the model's replies, and what the person does. `@` stands for its own word. */
export type Conversation = {
  readonly script: readonly Said[]
  play(person: Person): Promise<unknown>
  /** goes on in another process */
  later?(person: Person): Promise<unknown>
  /** calls of at-most-once tools that are made, each once */
  readonly made?: readonly string[]
  readonly agent?: Partial<AgentDefinition>
  /** the history that servers see may differ from what they said */
  readonly isLoose?: true
  /** the last message has no answer */
  readonly isUnanswered?: true
}
