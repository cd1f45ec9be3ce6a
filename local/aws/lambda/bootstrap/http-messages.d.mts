export function readMessages(
  onMessage: (startLine: string, headers: Record<string, string>, body: string) => void,
): (chunk: Buffer) => void;
