import type { OrderMessage } from '../../agent/room/conversation/open-port.ts'
import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { ReadParts } from '../../kernel/parts.ts'
import type { ActorRef } from '../../kernel/types.ts'
import type { ValueStore } from '../../step/values.ts'
import type { WorkflowList } from '../definition/workflow-list.ts'
import type { OrderChild } from '../operations/call.ts'
import type { AddressOf } from '../operations/signal-address.ts'
import type { StartRun } from '../operations/start.ts'
import type { LiveRuns } from './live-runs.ts'

/** The parts of a runtime that runs of workflows use. */
export type WorkflowServices = {
  readonly values: ValueStore
  readonly readParts: ReadParts
  peek(of: ActorRef): Promise<Json | undefined>
  readonly workflows: WorkflowList
  readonly live: LiveRuns
  readonly order: OrderChild
  readonly startRun: StartRun
  readonly say: OrderMessage
  readonly addressOf: AddressOf
  /** Removes secrets from the error of a function, before it is stored. */
  hide(problem: Problem): Promise<Problem>
  /** Tells the people of this process that a run waits for other code. */
  tellStop(run: string, message: string): void
  /** Tells a run that its function went on between turns. */
  lookAgain(run: string): void
}
