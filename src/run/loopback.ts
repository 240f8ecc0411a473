/** Is this name or address the machine itself, as every system has it? */
export function isLoopback(host: string): boolean {
  return (
    ['localhost', '::1', '[::1]'].includes(host) ||
    host.endsWith('.localhost') ||
    /^127(\.\d+){3}$/.test(host)
  )
}
