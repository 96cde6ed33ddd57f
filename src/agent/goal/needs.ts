/** Lines of an answer that count, and characters of each. */
const MAX_NEEDS = 20
const MAX_CHARACTERS = 500

/** The things that an agent would still need: the lines of its answer that begin with `Needs:`. Pure. */
export function needsIn(answer: string): readonly string[] {
  const found = answer.split('\n').flatMap((line) => {
    const [, need] = /^[\s>*#-]{0,20}needs:[\s*]{0,20}(\S.*)$/i.exec(line) ?? []
    return need === undefined ? [] : [need.trimEnd().slice(0, MAX_CHARACTERS)]
  })
  return found.slice(0, MAX_NEEDS)
}
