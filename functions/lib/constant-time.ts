const encoder = new TextEncoder();

/** Whether two strings are equal, in a time that does not depend on where they differ: compares their SHA-256 digests. */
export async function equalInConstantTime(a: string, b: string): Promise<boolean> {
  const [x, y] = await Promise.all([digest(a), digest(b)]);
  return crypto.subtle.timingSafeEqual(x, y);
}

const digest = (text: string): Promise<ArrayBuffer> => crypto.subtle.digest("SHA-256", encoder.encode(text));
