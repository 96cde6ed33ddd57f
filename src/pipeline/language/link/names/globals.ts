/** A function that the scope of a step gives to its templates. */
export type Global = {
  /** in order; with `?` it may be left out */
  readonly parameters: readonly string[]
  /** what it yields, in a sentence */
  readonly does: string
  /** it has something to tell only inside the body of a loop */
  readonly inLoop?: true
  /** what to write instead, where it is there only for old texts */
  readonly instead?: string
}

/** Every such function by name; what a template calls is checked against it when the pipeline is compiled. */
export const GLOBALS: { readonly [name: string]: Global } = {
  now: {
    parameters: [],
    does: 'The time at which the run began, so that it is the same in all steps and on every replay.',
    instead: 'execution.timestamp',
  },
  include_file: {
    parameters: ['path', 'base_dir?'],
    does: 'The text of a file, as it is; what is not there is undefined. Only files that tools may touch.',
  },
  file_exists: {
    parameters: ['path', 'base_dir?'],
    does: 'Whether there is a file or folder. Only where tools may look.',
  },
  loop_var: {
    parameters: ['loop', 'name'],
    does: 'What a loop around the step binds, by the id or name of the loop.',
    inLoop: true,
  },
  loop_item_at: {
    parameters: ['loop', 'index'],
    does: 'An item of the list that a loop around the step goes over.',
    inLoop: true,
  },
  current_loop_name: { parameters: [], does: 'The name of the innermost loop.', inLoop: true },
  active_loops: { parameters: [], does: 'The names of all loops around the step, the outermost first.', inLoop: true },
}

/** What is wrong with so many arguments; nothing when they fit. */
export function misfitCall({ parameters }: Global, given: number): string | undefined {
  const needed = parameters.filter((name) => !name.endsWith('?')).length
  if (given >= needed && given <= parameters.length) return undefined
  const most = parameters.length
  const count = needed === most ? `${most}` : `${needed} to ${most}`
  return `takes ${most === 0 ? 'no' : count} argument${most === 1 ? '' : 's'}, not ${given}`
}
