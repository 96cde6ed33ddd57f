import { createTextCounter, failAtNode, type RenderMachine, spendSteps } from '../machine/machine.ts'
import { describeKind, isMap, longTextOf, printValue, readNumber } from '../values/values.ts'
import { padText } from './strings.ts'

type NumberShape = {
  readonly fill: string
  readonly align: 'left' | 'right' | 'center' | 'sign' | undefined
  readonly sign: string
  readonly width: number
  readonly group: string
  readonly precision: number | undefined
  readonly type: string
}

const PRINTF = /%(?:\((\w{1,99})\))?([-+ 0#]{0,5})(\d{0,9})(?:\.(\d{1,3}))?([a-zA-Z%])/g
const FIELD = /\{\{|\}\}|\{([^{}:!]{0,99})(?:![rsa])?(?::([^{}]{0,99}))?\}/g
const SPEC = /^(?:([\s\S])?([<>=^]))?([-+ ]?)#?(0?)(\d{0,9})([,_]?)(?:\.(\d{1,3}))?([a-zA-Z%]?)$/
const ALIGNMENTS: { readonly [sign: string]: NumberShape['align'] } = {
  '<': 'left',
  '>': 'right',
  '^': 'center',
  '=': 'sign',
}

/** `'%.1f of %s' % values`: values are a list, a map for `%(name)s`, or a single one. */
export function printf(template: string, values: unknown, machine: RenderMachine): string {
  const list = Array.isArray(values) ? values : [values]
  spendSteps(machine, template.length / 8)
  const count = createTextCounter(machine)
  let next = 0
  const text = template.replace(
    PRINTF,
    (_whole, name?: string, flags = '', width = '', precision?: string, type = 's') => {
      if (type === '%') return count('%')
      const value =
        name === undefined ? list[next++] : isMap(values) && Object.hasOwn(values, name) ? values[name] : undefined
      if (value === undefined) return failAtNode(machine, `there is no value for '%${name ? `(${name})` : ''}${type}'`)
      return count(shapeValue(value, printfShape(flags, width, precision, type), machine))
    },
  )
  if (!isMap(values)) refuseUnused(next, list.length, machine)
  return text
}

function refuseUnused(used: number, given: number, machine: RenderMachine): void {
  if (used < given) failAtNode(machine, `expected a place for each of ${given} values, got ${used}`)
}

function printfShape(flags: string, width: string, precision: string | undefined, type: string): NumberShape {
  const zeros = flags.includes('0') && !flags.includes('-')
  return {
    fill: zeros ? '0' : ' ',
    align: flags.includes('-') ? 'left' : zeros ? 'sign' : 'right',
    sign: flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '',
    width: Number(width),
    group: '',
    precision: precision === undefined ? undefined : Number(precision),
    type: 'iu'.includes(type) ? 'd' : 'ra'.includes(type) ? 's' : type,
  }
}

/** Fills in `'{} of {name}'`, by position or name only: a format cannot access the internals of a value. */
export function formatString(
  template: string,
  values: readonly unknown[],
  named: unknown,
  machine: RenderMachine,
): string {
  spendSteps(machine, template.length / 8)
  const count = createTextCounter(machine)
  let next = 0
  let used = 0
  const text = template.replace(FIELD, (whole, field?: string, spec = '') => {
    if (field === undefined) return count(whole[0]!)
    used++
    const key = field === '' ? String(next++) : field
    const value = /^\d+$/.test(key)
      ? values[Number(key)]
      : isMap(named) && Object.hasOwn(named, key)
        ? named[key]
        : undefined
    if (value === undefined) return failAtNode(machine, `there is no value for '{${field}}'`)
    return count(formatValue(value, spec, machine))
  })
  if (used === 0) refuseUnused(0, values.length, machine)
  return text
}

/** One value by a format such as `,.2f` or `>10`. */
export function formatValue(value: unknown, spec: string, machine: RenderMachine): string {
  const match = SPEC.exec(spec)
  if (!match)
    return failAtNode(machine, `'${spec}' is not a format`, "write a format such as '.2f', ',', '>10' or '05d'")
  const [, fill, align, sign = '', zero, width, group = '', precision, type] = match
  return shapeValue(
    value,
    {
      fill: fill ?? (zero ? '0' : ' '),
      align: align ? ALIGNMENTS[align] : zero ? 'sign' : undefined,
      sign,
      width: Number(width),
      group,
      precision: precision === undefined ? undefined : Number(precision),
      type: type ?? '',
    },
    machine,
  )
}

function shapeValue(value: unknown, shape: NumberShape, machine: RenderMachine): string {
  const isGrouped = shape.group !== '' && longTextOf(value) !== undefined
  const textual = shape.type === 's' || (shape.type === '' && typeof value !== 'number' && !isGrouped)
  if (textual) {
    const text = printValue(value, machine)
    const cut = shape.precision === undefined ? text : text.slice(0, shape.precision)
    return place(cut, '', shape, shape.align ?? 'left', machine)
  }
  const long = longTextOf(value)
  if (long !== undefined && 'dfFxXob'.includes(shape.type)) return shapeLong(long, shape, machine)
  const number = readNumber(value)
  if (number === undefined) return failAtNode(machine, `'${shape.type}' formats a number, got ${describeKind(value)}`)
  const sign = number < 0 ? '-' : shape.sign === '-' ? '' : shape.sign
  return place(
    grouped(digits(Math.abs(number), shape, machine), shape.group),
    sign,
    shape,
    shape.align ?? 'right',
    machine,
  )
}

/** A whole number beyond 2^53 with all its digits. */
function shapeLong(text: string, shape: NumberShape, machine: RenderMachine): string {
  const isNegative = text.startsWith('-')
  const sign = isNegative ? '-' : shape.sign === '-' ? '' : shape.sign
  const whole = BigInt(text.replace(/^[-+]/, ''))
  const decimals = /f/i.test(shape.type) ? toFixedPython(0, Math.min(shape.precision ?? 6, 50)).slice(1) : ''
  const base = { x: 16, X: 16, o: 8, b: 2 }[shape.type] ?? 10
  const digits = whole.toString(base) + decimals
  const shown = shape.type === 'X' ? digits.toUpperCase() : digits
  return place(grouped(shown, shape.group), sign, shape, shape.align ?? 'right', machine)
}

function place(
  text: string,
  sign: string,
  shape: NumberShape,
  align: NonNullable<NumberShape['align']>,
  machine: RenderMachine,
): string {
  if (align === 'sign') return sign + padText(text, shape.width - sign.length, 'right', shape.fill, machine)
  return padText(sign + text, shape.width, align, shape.fill, machine)
}

function digits(number: number, { type, precision }: NumberShape, machine: RenderMachine): string {
  const places =
    precision !== undefined && precision > 50 ? failAtNode(machine, 'expected at most 50 digits') : precision
  switch (type) {
    case 'd':
      return toFixedPython(Math.trunc(number), 0)
    case 'f':
    case 'F':
      return toFixedPython(number, places ?? 6)
    case 'e':
    case 'E':
      return exponential(number.toExponential(places ?? 6), type)
    case 'g':
    case 'G':
    case '':
      return places === undefined && type === '' ? String(number) : general(number, places ?? 6)
    case '%':
      return `${toFixedPython(number * 100, places ?? 6)}%`
    default:
      return inBase(number, type, machine)
  }
}

function inBase(number: number, type: string, machine: RenderMachine): string {
  const base = { x: 16, X: 16, o: 8, b: 2 }[type]
  if (base === undefined) return failAtNode(machine, `'${type}' is not a format for a number`)
  const text = Math.trunc(number).toString(base)
  return type === 'X' ? text.toUpperCase() : text
}

/** Python writes exponents with two digits at least. */
function exponential(text: string, type: string): string {
  const long = text.replace(/e([+-])(\d)$/, 'e$10$2')
  return type === 'E' ? long.toUpperCase() : long
}

function general(number: number, precision: number): string {
  const text = number.toPrecision(Math.max(precision, 1))
  const [mantissa = '', exponent] = text.split('e')
  const short = mantissa.includes('.') ? mantissa.replace(/0{1,60}$/, '').replace(/\.$/, '') : mantissa
  return exponent === undefined ? short : exponential(`${short}e${exponent}`, 'g')
}

function grouped(text: string, group: string): string {
  if (group === '') return text
  const [whole = '', ...rest] = text.split('.')
  return [whole.replace(/\B(?=(?:\d{3})+$)/g, group), ...rest].join('.')
}

/** A number with this many decimals. Rounds half to even, as Python does. */
export function toFixedPython(number: number, places: number): string {
  if (Math.abs(number) >= 1e21) return `${BigInt(number)}${places > 0 ? `.${'0'.repeat(places)}` : ''}`
  return (isTie(number, places) ? towardsEven(number, places) : number).toFixed(places)
}

function isTie(number: number, places: number): boolean {
  return Number.isInteger(number * 2 ** (places + 1)) && Math.abs((number * 10 ** places) % 1) === 0.5
}

function towardsEven(number: number, places: number): number {
  const below = Math.floor(number * 10 ** places)
  return (below % 2 === 0 ? below : below + 1) / 10 ** places
}
