import { InvalidError } from '../../src/errors.ts'

/** A fault put into the source by hand, and the test that is there to notice it. */
export type Mutation = {
  /** what is wrong then, in words */
  readonly name: string
  readonly file: string
  /** a piece of the file that is there once */
  readonly find: string
  readonly replace: string
  readonly caughtBy: NamedTest
  /** the test then waits in vain, and only a time limit ends it: no more is asked of it */
  readonly hangs?: true
}

/** A test by its file and its full title, or the beginning of that. */
export type NamedTest = readonly [file: string, title: string]

/** The source with the fault in it; an InvalidError says when the piece is not there, or not only once. */
export function mutate(source: string, { name, file, find, replace }: Mutation): string {
  const [before, after, ...more] = source.split(find)
  if (after === undefined) throw noLonger(name, `its text is not in ${file}`)
  if (more.length > 0) throw noLonger(name, `its text is ${more.length + 1} times in ${file}`)
  return before + replace + after
}

const noLonger = (name: string, why: string) => new InvalidError(`"${name}" no longer applies: ${why}`)
