import { useEffect, useRef, useState } from 'preact/hooks'

type Props = {
  /** the text of the address */
  readonly value: string
  readonly label: string
  readonly hint: string
  /** ms after the last key; absent: at Enter, or when the field is left */
  readonly pause?: number
  search(text: string): void
}

/** A field for a search. What is typed stays while data comes, until it is searched or the address changes. */
export function SearchField({ value, label, hint, pause, search }: Props) {
  const [typed, setTyped] = useState<string | undefined>()
  const waiting = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => {
    if (waiting.current === undefined) setTyped(undefined)
  }, [value])
  useEffect(() => () => clearTimeout(waiting.current), [])
  const type = (text: string) => {
    setTyped(text)
    if (pause === undefined) return
    clearTimeout(waiting.current)
    waiting.current = setTimeout(() => {
      waiting.current = undefined
      search(text.trim())
    }, pause)
  }
  return (
    <input
      type="search"
      id="search"
      placeholder={`${hint}  ( / )`}
      aria-label={label}
      value={typed ?? value}
      onInput={({ currentTarget }) => type(currentTarget.value)}
      onChange={({ currentTarget }) => pause === undefined && search(currentTarget.value.trim())}
    />
  )
}
