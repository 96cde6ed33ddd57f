let codes: ReadonlyMap<string, string> | undefined

/** The code of a language that a server names: `en` for `English` and for `en`; undefined for one that nobody knows. */
export function languageOf(name: string): string | undefined {
  if (/^[a-z]{2}$/.test(name)) return name
  codes ??= namedCodes()
  return codes.get(plain(name))
}

const LETTERS = [...'abcdefghijklmnopqrstuvwxyz']

/** All codes of two letters by their English names. */
function namedCodes(): ReadonlyMap<string, string> {
  const names = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' })
  const all = LETTERS.flatMap((first) => LETTERS.map((second) => first + second))
  const current = all.filter((code) => Intl.getCanonicalLocales(code)[0] === code)
  return new Map(
    current.flatMap((code) => {
      const name = names.of(code)
      return name === undefined ? [] : [[plain(name), code] as const]
    }),
  )
}

const plain = (name: string) => name.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
