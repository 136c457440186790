import { Type } from 'class-transformer'
import {
  ArrayMaxSize,
  IsArray,
  IsDateString,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator'

/** https://docs.nestjs.com/techniques/validation */
export const PRIORITIES = ['none', 'low', 'medium', 'high', 'urgent']

export class DueDto {
  @IsDateString()
  date: string
}

export class CreateTaskDto {
  @IsString()
  @Length(1, 200)
  title: string
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  description?: string
  @IsOptional()
  @IsIn(PRIORITIES)
  priority?: string
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(10)
  @IsString({ each: true })
  tags?: string[]
  @IsOptional()
  @ValidateNested()
  @Type(() => DueDto)
  due?: DueDto
}

export class UpdateTaskDto {
  @IsOptional()
  @IsString()
  @Length(1, 200)
  title?: string
  @IsOptional()
  @IsIn(PRIORITIES)
  priority?: string
}

export class ListDto {
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  skip?: number
  @IsOptional()
  @IsString()
  @MaxLength(200)
  search?: string
}
