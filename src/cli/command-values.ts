import type { ArgumentRecord, OptionRecord } from './command.ts'

export type ArgumentsOf<Args extends readonly ArgumentRecord[]> = {
  -readonly [Index in keyof Args]: ArgumentValue<Args[Index]>
}

type ArgumentValue<One extends ArgumentRecord> =
  | ValueOf<One[0], RulesOf<One>>
  | (One[0] extends `[${string}...]` ? never : One[0] extends `[${string}` ? WithoutDefault<RulesOf<One>> : never)

export type OptionsOf<Options extends readonly OptionRecord[]> = {
  readonly [One in Options[number] as IsPresent<One, Options> extends true ? never : NameOf<One[0]>]?: OptionValue<One>
} & {
  readonly [One in Options[number] as IsPresent<One, Options> extends true ? NameOf<One[0]> : never]: OptionValue<One>
}

type RulesOf<One> = One extends readonly [string, string, infer Rules] ? Rules : unknown
type WithoutDefault<Rules> = Rules extends { readonly default: unknown } ? never : undefined
type IsPresent<
  One extends OptionRecord,
  All extends readonly OptionRecord[],
> = One[0] extends `${string}--no-${infer Long}`
  ? `--${Long}` extends All[number][0]
    ? false
    : true
  : RulesOf<One> extends { readonly default: unknown } | { readonly required: true }
    ? true
    : false

type OptionValue<One extends OptionRecord> = One[0] extends `${string}${'<' | '['}${string}`
  ? ValueOf<One[0], RulesOf<One>> | (One[0] extends `${string} [${string}` ? true : never)
  : boolean

type ValueOf<Term extends string, Rules> = Rules extends { readonly choices: readonly (infer Choice)[] }
  ? Choice
  : Rules extends { readonly parse: (...given: never[]) => infer Value }
    ? Value
    : Term extends `${string}...${string}`
      ? string[]
      : string

/** `-i, --from-step <step>` is `fromStep`, and `--no-auth` is `auth`. */
type NameOf<Flags extends string> = Flags extends `${string}--${infer Long} ${string}`
  ? CamelCase<Long>
  : Flags extends `${string}--no-${infer Long}`
    ? CamelCase<Long>
    : Flags extends `${string}--${infer Long}`
      ? CamelCase<Long>
      : never
type CamelCase<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Name
