import { CONDITION, type KeyTable, LIST, list, MAP, orTemplate, SECONDS, TEXT, whole } from './key-table.ts'

const ACTIONS = list(MAP, 1)
const TURNS: KeyTable = {
  action_loop: { says: 'What is done for each item, in order.', shape: ACTIONS },
  until: { says: 'Repeats the actions of an item until it holds.', shape: CONDITION },
  while: { says: 'Repeats the actions of an item as long as it holds.', shape: CONDITION },
  while_condition: { says: 'The same as `while`.', shape: CONDITION },
  max_iterations: { says: 'How often the actions of an item at most.', shape: orTemplate(whole(0, 100_000)) },
  iteration_timeout: { says: 'Seconds that the actions may take together, each time.', shape: SECONDS },
}

/** What may stand in `create_parallel_queue`. */
export const QUEUE_TABLE: KeyTable = {
  on: { says: 'The list it goes over.', shape: LIST },
  true: { says: 'What YAML 1.1 makes of a bare `on`.', shape: LIST },
  max_parallel: { says: 'How many items at once; 10 when nothing is said.', shape: orTemplate(whole(1, 1000)) },
  tool: { says: 'The tool of the actions that name none.', shape: TEXT },
  task: { says: 'May stand around the actions and their condition.', shape: MAP },
  ...TURNS,
}
