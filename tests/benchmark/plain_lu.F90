! SPDX-License-Identifier: GPL-3.0-or-later
! plain-lu N SECONDS: LU decomposition with partial pivoting and the solve by columns, the algorithm of the
! LINPACK Users' Guide (1979, chapter 1), as plainly as Fortran has it: what the linpack module's reference
! solver is held against. Prints its rate in flop/s. KIND is real32 or real64.
program plain_lu
    use, intrinsic :: iso_fortran_env, only: real32, real64, int64
    implicit none
    real(KIND), allocatable :: made(:, :), side(:), a(:, :), b(:)
    integer, allocatable :: pivots(:)
    real(real64) :: least, start, total
    character(len=32) :: word
    integer :: n, solved

    call get_command_argument(1, word)
    read (word, *) n
    call get_command_argument(2, word)
    read (word, *) least
    allocate (made(n, n), side(n), a(n, n), b(n), pivots(n))
    call random_number(made)
    call random_number(side)
    made = made - 0.5
    solved = 0
    total = 0
    do while (total < least)
        a = made
        b = side
        start = now()
        call factor(a, pivots)
        call solve(a, pivots, b)
        total = total + now() - start
        solved = solved + 1
    end do
    print '(a, es24.16)', 'solve ', solved*(2d0/3d0*dble(n)**3 + 2d0*dble(n)**2)/total

contains

    real(real64) function now()
        integer(int64) :: count, rate

        call system_clock(count, rate)
        now = dble(count)/dble(rate)
    end function now

    subroutine factor(a, pivots)
        real(KIND), intent(inout), contiguous :: a(:, :)
        integer, intent(out) :: pivots(:)
        real(KIND) :: t
        integer :: i, j, k, p

        do k = 1, n
            p = k
            do i = k + 1, n
                if (abs(a(i, k)) > abs(a(p, k))) p = i
            end do
            pivots(k) = p
            if (.not. abs(a(p, k)) > 0) stop 'singular'
            t = a(p, k)
            a(p, k) = a(k, k)
            a(k, k) = t
            t = -1/t
            do i = k + 1, n
                a(i, k) = t*a(i, k)
            end do
            do j = k + 1, n
                t = a(p, j)
                a(p, j) = a(k, j)
                a(k, j) = t
                do i = k + 1, n
                    a(i, j) = a(i, j) + t*a(i, k)
                end do
            end do
        end do
    end subroutine factor

    subroutine solve(a, pivots, b)
        real(KIND), intent(in), contiguous :: a(:, :)
        integer, intent(in) :: pivots(:)
        real(KIND), intent(inout), contiguous :: b(:)
        real(KIND) :: t
        integer :: i, k

        do k = 1, n
            t = b(pivots(k))
            b(pivots(k)) = b(k)
            b(k) = t
            do i = k + 1, n
                b(i) = b(i) + t*a(i, k)
            end do
        end do
        do k = n, 1, -1
            b(k) = b(k)/a(k, k)
            t = -b(k)
            do i = 1, k - 1
                b(i) = b(i) + t*a(i, k)
            end do
        end do
    end subroutine solve
end program plain_lu
