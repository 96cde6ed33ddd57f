/** A sample of the text format, its labels in order. */
type Sample = {
  readonly name: string
  readonly labels: { readonly [label: string]: string }
  readonly value: number
}
export type Read = { readonly types: ReadonlyMap<string, string>; readonly samples: readonly Sample[] }

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/

/** Reads text format 0.0.4 as strictly as it is written down; throws at the first line that breaks it. */
export function readPrometheus(text: string): Read {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const types = new Map<string, string>()
  const helped = new Set<string>()
  const samples: Sample[] = []
  const seen = new Set<string>()
  for (const line of text.slice(0, -1).split('\n')) {
    const [, word, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
    if (word === 'HELP') takeOnce(helped, name, line)
    else if (word === 'TYPE') {
      if (types.has(name) || samples.some((sample) => familyOf(sample.name, types) === name)) throw new Error(line)
      if (!['counter', 'gauge', 'histogram'].includes(rest)) throw new Error(`no type: ${line}`)
      types.set(name, rest)
    } else {
      const sample = readSample(line)
      takeOnce(seen, JSON.stringify([sample.name, Object.entries(sample.labels).sort()]), line)
      const family = familyOf(sample.name, types)
      if (family === undefined || [...types.keys()].at(-1) !== family) throw new Error(`outside of its family: ${line}`)
      samples.push(sample)
    }
  }
  checkHistograms(types, samples)
  return { types, samples }
}

function takeOnce(taken: Set<string>, key: string, line: string): void {
  if (taken.has(key)) throw new Error(`twice: ${line}`)
  taken.add(key)
}

function readSample(line: string): Sample {
  const [, name = '', pairs = '', number = ''] = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
  if (!NAME.test(name)) throw new Error(`no sample: ${line}`)
  const labels: { [label: string]: string } = {}
  for (let rest = pairs; rest !== ''; ) {
    const found = LABEL.exec(rest)
    if (!found || Object.hasOwn(labels, found[1]!)) throw new Error(`no labels: ${line}`)
    labels[found[1]!] = found[2]!.replaceAll(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign))
    rest = rest.slice(found[0].length)
  }
  const value = number === '+Inf' ? Number.POSITIVE_INFINITY : Number(number)
  if (Number.isNaN(value)) throw new Error(`no number: ${line}`)
  return { name, labels, value }
}

function familyOf(name: string, types: ReadonlyMap<string, string>): string | undefined {
  if (types.has(name) && types.get(name) !== 'histogram') return name
  const base = name.replace(/_(bucket|sum|count)$/, '')
  return types.get(base) === 'histogram' ? base : undefined
}

function checkHistograms(types: ReadonlyMap<string, string>, samples: readonly Sample[]): void {
  for (const [name] of [...types].filter(([, type]) => type === 'histogram')) {
    const buckets = samples.filter((sample) => sample.name === `${name}_bucket`)
    const series = Map.groupBy(buckets, ({ labels: { le: _, ...labels } }) => JSON.stringify(labels))
    for (const [labels, of] of series) {
      const bounds = of.map((bucket) =>
        bucket.labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(bucket.labels.le),
      )
      const isOrdered = bounds.every((bound, place) => place === 0 || bound > bounds[place - 1]!)
      const grows = of.every(({ value }, place) => place === 0 || value >= of[place - 1]!.value)
      const count = samples.find((one) => one.name === `${name}_count` && JSON.stringify(one.labels) === labels)
      if (!isOrdered || !grows || bounds.at(-1) !== Number.POSITIVE_INFINITY || count?.value !== of.at(-1)!.value)
        throw new Error(`no histogram: ${name} ${labels}`)
    }
  }
}
