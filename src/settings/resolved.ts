/** Settings after their defaults: every field is there. An editor shows each field's sentence from the interface. */
export type Resolved<Settings> = {
  [Name in keyof Settings]-?: Exclude<Settings[Name], undefined>
}
