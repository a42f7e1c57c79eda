//! As much linear algebra as the comparisons need: small square matrices and their inverses.

use std::ops::{Index, IndexMut};

/// A square matrix.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Matrix {
    size: usize,
    cells: Vec<f64>,
}

impl Matrix {
    /// A matrix of zeros.
    pub fn square(size: usize) -> Matrix {
        Matrix { size, cells: vec![0.0; size * size] }
    }

    /// The product with another of the same size.
    pub fn times(&self, other: &Matrix) -> Matrix {
        let mut product = Matrix::square(self.size);
        for i in 0..self.size {
            for j in 0..self.size {
                product[(i, j)] = (0..self.size).map(|k| self[(i, k)] * other[(k, j)]).sum();
            }
        }
        product
    }

    /// The inverse, by Gauss and Jordan with pivots; none where there is none.
    pub fn inverse(&self) -> Option<Matrix> {
        let n = self.size;
        let mut left = self.clone();
        let mut right = Matrix::square(n);
        (0..n).for_each(|i| right[(i, i)] = 1.0);
        let largest = self.cells.iter().fold(0.0, |most: f64, cell| most.max(cell.abs()));
        for column in 0..n {
            let pivot = (column..n).max_by(|a, b| left[(*a, column)].abs().total_cmp(&left[(*b, column)].abs()))?;
            if left[(pivot, column)].abs() <= largest * 1e-13 {
                return None;
            }
            for j in 0..n {
                left.cells.swap(column * n + j, pivot * n + j);
                right.cells.swap(column * n + j, pivot * n + j);
            }
            let scale = left[(column, column)];
            for j in 0..n {
                left[(column, j)] /= scale;
                right[(column, j)] /= scale;
            }
            for row in (0..n).filter(|row| *row != column) {
                let factor = left[(row, column)];
                for j in 0..n {
                    let (of_left, of_right) = (left[(column, j)], right[(column, j)]);
                    left[(row, j)] -= factor * of_left;
                    right[(row, j)] -= factor * of_right;
                }
            }
        }
        Some(right)
    }
}

impl Index<(usize, usize)> for Matrix {
    type Output = f64;

    fn index(&self, (row, column): (usize, usize)) -> &f64 {
        &self.cells[row * self.size + column]
    }
}

impl IndexMut<(usize, usize)> for Matrix {
    fn index_mut(&mut self, (row, column): (usize, usize)) -> &mut f64 {
        &mut self.cells[row * self.size + column]
    }
}
