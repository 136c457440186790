import { createHash } from 'node:crypto'
import {
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common'
import { InjectRepository } from '@nestjs/typeorm'
import type { Request } from 'express'
import { MoreThan, Repository } from 'typeorm'
import { Session } from './entities.js'

type SignedIn = Request & { userId?: string }

/** A guard that looks up the session of the token: https://docs.nestjs.com/security/authentication. */
@Injectable()
export class SessionGuard implements CanActivate {
  constructor(@InjectRepository(Session) private readonly sessions: Repository<Session>) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<SignedIn>()
    const [kind, token] = request.headers.authorization?.split(' ') ?? []
    if (kind !== 'Bearer' || token === undefined) throw new UnauthorizedException()
    const tokenHash = createHash('sha256').update(token).digest()
    const session = await this.sessions.findOneBy({ tokenHash, expiresAt: MoreThan(new Date()) })
    if (session === null) throw new UnauthorizedException()
    request.userId = session.userId
    return true
  }
}

export const UserId = createParamDecorator(
  (_data: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<SignedIn>().userId,
)
