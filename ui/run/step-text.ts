import type { RunSource, StepDetail, StepDocument } from '../../src/client.ts'

/** The result in the value of a step: that of a model beside what it took, or the value itself. */
export const resultIn = (value: StepDocument['value']) =>
  typeof value === 'object' && value !== null && 'result' in value ? value.result : value

export function waitText({ waits_for = '', tool, action }: Pick<StepDetail, 'waits_for' | 'tool' | 'action'>): string {
  const [, type, name] = /^([^:]*):?(.*)$/s.exec(waits_for)!
  const call = `the call ${tool === null || tool === action ? action : `${tool}:${action}`}`
  if (type === 'budget') return `money: the budget ${name} has too little left`
  if (type === 'code') return `a process with the code of ${call}`
  if (type === 'pool') return 'a place in its pool'
  return name!.startsWith('call:') ? `the decision of a person about ${call}` : `the answer ${name}`
}

/** The lines of a step in the text of its pipeline. A step in a loop is `each_0_write` in the run. */
export function linesOf(source: RunSource | undefined, step: string): { line: number; endLine: number } | undefined {
  if (source?.language !== 'pipeline') return undefined
  return source.steps[step] ?? source.steps[step.replace(/_\d+_/g, '.')]
}

/** The texts of the steps of a run, as its pipeline has them; a step without one has an empty text. */
export function textsIn(source: RunSource): (step: string) => string {
  const lines = source.language === 'pipeline' ? (source.text ?? '').split('\n') : []
  return (step) => {
    const place = linesOf(source, step)
    return place
      ? lines
          .slice(place.line - 1, place.endLine)
          .join('\n')
          .trimEnd()
      : ''
  }
}
