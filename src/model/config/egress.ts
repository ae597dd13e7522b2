import { z } from 'zod';
import { list, refuse } from './fields.ts';

const HOST = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*\.?$/i;
const ranges = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);

/** A host, an address or a CIDR range that sinks may talk to although it is private, and over http. */
const entry = z
  .string({ error: 'expected a host, an address or a CIDR range like 10.0.0.0/8' })
  .superRefine((written, context) => {
    if (ranges.safeParse(written.replace(/^\[|\]$/g, '')).success) return;
    if (HOST.test(written) && !/^[\d.]+$/.test(written)) return;
    const host = URL.parse(written)?.hostname;
    refuse(
      context,
      'expected a host, an address or a CIDR range like 10.0.0.0/8',
      host ? { hint: `write ${host}` } : {},
    );
  });

export const allow = list(entry);
