import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunLoad, Shape } from './loads.ts'

/** The text of a pipeline of that shape, which does so many steps. */
export function textOf({ shape, steps }: Pick<RunLoad, 'shape' | 'steps'>): string {
  return ['name: steps', 'steps:', ...TEXTS[shape](steps), ''].join('\n')
}

/** Writes it into that folder; returns its path. */
export async function writeShape(folder: string, load: Pick<RunLoad, 'shape' | 'steps'>): Promise<string> {
  const path = join(folder, `${load.shape}-${load.steps}.yaml`)
  await writeFile(path, textOf(load))
  return path
}

/** How many steps a run of it is said to have done: a loop counts as one, too. */
export function doneIn({ shape, steps }: Pick<RunLoad, 'shape' | 'steps'>): number {
  return shape === 'each' ? steps + 1 : steps
}

const TEXTS: { readonly [shape in Shape]: (steps: number) => readonly string[] } = {
  chain: (steps) => numbers(steps).map((n) => stepOf(`step-${n}`, n === 1 ? '0' : `"{{ step-${n - 1}.value }}"`)),
  fan: (steps) => {
    const among = numbers(steps - 2).map((n) => `step-${n}`)
    return [
      stepOf('first', '0'),
      ...among.map((id) => stepOf(id, '"{{ first.value }}"')),
      stepOf('last', '0', `, dependencies: [${among.join(', ')}]`),
    ]
  },
  each: (steps) => [
    '  - id: all',
    `    for_each: "{{ range(${steps}) }}"`,
    '    max_parallel: 1000',
    '    steps:',
    `    ${stepOf('one', '"{{ item }}"')}`,
  ],
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n + 1)

const stepOf = (id: string, value: string, more = '') =>
  `  - { id: ${id}, tool: increment, parameters: { value: ${value} }${more} }`
