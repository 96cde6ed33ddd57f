import type { Json } from '../../../kernel/schema.ts'
import type { NamedValue } from './form.ts'
import type { SourcedLeaf, ValueSource } from './sources.ts'
import type { StepOfCall } from './written.ts'

/** A call of a playbook as people read it. */
export type PlaybookCall = {
  readonly step: string
  readonly tool: string
  readonly values: readonly {
    readonly name: string
    /** where the value comes from, piece by piece */
    readonly from: readonly string[]
  }[]
}

/** The calls of a playbook with the origin of each value. Pure. */
export function describeCalls(
  steps: readonly StepOfCall[],
  sources: readonly (readonly SourcedLeaf[])[],
  inputs: readonly NamedValue[],
): readonly PlaybookCall[] {
  const textOf = (source: ValueSource): string => {
    switch (source.type) {
      case 'goal':
        return `input \`${inputs.find(({ text }) => text === source.text)!.input}\` of the goal`
      case 'result': {
        const path = source.path.join('.')
        return `copied from ${path === '' ? '' : `\`${path}\` of `}the result of ${steps[source.call]!.id}`
      }
      case 'words':
        return `${whole(source.value)}, from the text of the goal`
      case 'instructions':
        return `${whole(source.value)}, from the instructions`
      case 'tool':
        return `${whole(source.value)}, the only value that the tool takes`
    }
  }
  return steps.map(({ id, call }, place) => ({
    step: id,
    tool: call.tool,
    values: sources[place]!.map(({ leaf, sources: of }) => ({ name: leaf.key, from: of.map(textOf) })),
  }))
}

/** A person who accepts a playbook sees each value whole. */
const whole = (value: Json) => JSON.stringify(value)
