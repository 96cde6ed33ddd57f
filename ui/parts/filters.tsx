import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import { route, setQuery } from '../lib/router.ts'
import { SearchField } from './search-field.tsx'

type ChipProps = {
  readonly isOn: boolean
  press(): void
  readonly kind?: string
  readonly title?: string | undefined
  readonly children: ComponentChildren
}

/** A small button that is pressed or not. */
export const Chip = ({ isOn, press, kind = '', title, children }: ChipProps) => (
  <button type="button" class={`chip ${kind}`} title={title} aria-pressed={isOn} onClick={press}>
    {children}
  </button>
)

/** The chip of a filter that is in the address: it takes the filter away. */
export const Chosen = ({ name }: { readonly name: string }) => {
  const value = route.value.query.get(name)
  return value ? (
    <Chip isOn press={() => setQuery({ [name]: '' })}>
      {name} {value} ×
    </Chip>
  ) : null
}

type ChoiceProps = {
  /** the parameter of the address */
  readonly name: string
  readonly label: string
  /** the text of no choice */
  readonly any: string
  readonly of: readonly string[]
  words?(value: string): string
}

/** A filter of a list: one of some values, or any. It keeps its place in the address. */
export function Choice({ name, label, any, of, words = (value) => value }: ChoiceProps) {
  return (
    <label class="choice">
      <span class="unseen">{label}</span>
      <select
        value={route.value.query.get(name) ?? ''}
        onChange={({ currentTarget }) => setQuery({ [name]: currentTarget.value })}
      >
        <option value="">{any}</option>
        {of.map((value) => (
          <option key={value} value={value}>
            {words(value)}
          </option>
        ))}
      </select>
    </label>
  )
}

type Values = { readonly [name: string]: string | undefined }

type ListProps<Item> = {
  /** the filters, as parameters of the address */
  readonly names: readonly string[]
  readonly of: readonly Item[]
  valuesOf(item: Item): Values
}

/** A search in what is listed, and those filters of a list that have more than one value. */
export function ListFilters<Item>({ names, of, valuesOf }: ListProps<Item>) {
  const { query } = route.value
  // the values of items that a filter leaves out stay in its list
  const { current: seen } = useRef(new Map<string, Set<string>>())
  for (const name of names) {
    const known = seen.get(name) ?? new Set()
    for (const value of [query.get(name), ...of.map((item) => valuesOf(item)[name])]) if (value) known.add(value)
    seen.set(name, known)
  }
  const shown = names.filter((name) => query.has(name) || seen.get(name)!.size > 1)
  if (of.length < 2 && !query.has('text') && !shown.some((name) => query.has(name))) return null
  return (
    <div class="filters">
      <SearchField
        value={query.get('text') ?? ''}
        label="Search in what is listed"
        hint="Words of an item"
        pause={200}
        search={(text) => setQuery({ text })}
      />
      {shown.map((name) => (
        <Choice
          key={name}
          name={name}
          label={WORDS[name] ?? name}
          any={`any ${WORDS[name] ?? name}`}
          of={[...seen.get(name)!].sort()}
        />
      ))}
    </div>
  )
}

const WORDS: Values = { by: 'person' }
