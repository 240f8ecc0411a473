/** A word of a command that a page or a message tells the user to type: in quotes where the shell would take it apart. */
export const shellWord = (text: string): string =>
  /^[\w./,:=+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
