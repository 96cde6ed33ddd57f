import { CONTRACT } from '../../rooms/contract.ts'
import type { Handlers, Route } from '../routing/route.ts'
import { linkHandlers } from './access.ts'
import { catalogueHandlers, uploadHandlers } from './pipelines.ts'
import { plainHandler } from './plain.ts'
import { runHandlers } from './runs.ts'
import { streamHandlers } from './streams.ts'
import { systemHandlers } from './system.ts'
import { threadHandlers } from './threads.ts'

/** Handlers of operations that do more than call the method of their name. */
const HANDLERS: Handlers = {
  ...uploadHandlers,
  ...runHandlers,
  ...threadHandlers,
  ...streamHandlers,
  ...catalogueHandlers,
  ...linkHandlers,
  ...systemHandlers,
}

/** All routes, in the order of the documentation: one for each operation of the contract. */
export const ROUTES: readonly Route[] = CONTRACT.map(
  (operation) => ({ ...operation, ...(HANDLERS[operation.name] ?? plainHandler(operation)) }) as Route,
)
